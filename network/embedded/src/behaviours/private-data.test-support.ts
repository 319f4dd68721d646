import { ledger, peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { RawClients } from './raw-clients.test-support';
import { newProposal } from './raw-transaction.test-support';
import type { ProposalParts } from './raw-transaction.test-support';

/** What one peer answered: a result, or an error text without the transaction id. */
export type Answer = { readonly ok: string } | { readonly error: string };

/** Private writes by position, namespace/collection and key; '' = a delete. */
export type DeliveredPrivateData = Record<number, Record<string, Record<string, string>>>;

/** Clients of a network with private data. */
export class PrivateClients {
  readonly clients: RawClients;

  constructor(clients: RawClients) {
    this.clients = clients;
  }

  /** The code of a transaction that these peers endorsed, in this order. */
  async commit(parts: ProposalParts, ...mspIds: string[]): Promise<number> {
    return (await this.place(parts, ...mspIds)).code;
  }

  /** Code and block of a transaction that these peers endorsed. */
  async place(parts: ProposalParts, ...mspIds: string[]): Promise<{ code: number; block: number }> {
    const [committed] = await this.clients.commit(await this.clients.endorsed(parts, mspIds));
    return committed ?? { code: -1, block: -1 };
  }

  /** Runs a function on one peer. */
  async ask(mspId: string, creator: SigningIdentity, ...args: string[]): Promise<Answer> {
    const { txId, signed } = newProposal({ creator, args });
    const response = (await this.clients.propose(mspId, signed)).getResponse()!;
    const error = response.getMessage().replaceAll(txId, '<TXID>');
    if (response.getStatus() !== 200) return { error };
    return { ok: Buffer.from(response.getPayload_asU8()).toString() };
  }

  /** What DeliverWithPrivateData sends of one block. */
  async delivered(
    mspId: string,
    signer: SigningIdentity,
    block: number,
  ): Promise<DeliveredPrivateData> {
    const seek = { signer, start: block, stop: block };
    for await (const answer of this.clients.deliver(seek, mspId, 'deliverWithPrivateData')) {
      const both = answer.getBlockAndPrivateData();
      if (both) return readable(both);
    }
    throw new Error(`block ${String(block)} was not sent`);
  }

  close(): Promise<void> {
    this.clients.close();
    return this.clients.network.close();
  }
}

function readable(both: peer.BlockAndPrivateData): DeliveredPrivateData {
  const found: DeliveredPrivateData = {};
  both.getPrivateDataMapMap().forEach((sets, index) => {
    for (const set of sets.getNsPvtRwsetList()) {
      for (const one of set.getCollectionPvtRwsetList()) {
        const rwset = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(one.getRwset_asU8());
        const writes = rwset
          .getWritesList()
          .map((write) => [write.getKey(), Buffer.from(write.getValue_asU8()).toString()] as const);
        const name = `${set.getNamespace()}/${one.getCollectionName()}`;
        found[index] = { ...found[index], [name]: Object.fromEntries(writes) };
      }
    }
  });
  return found;
}
