import { ledger } from '@hyperledger/fabric-protos';
import { procurementSeek } from './seek';
import type { Signer } from './signer';
import type { World } from './world';

/** Private writes of a block by the number of their transaction, as the recordings show them. */
export type PrivateView = Readonly<Record<string, readonly object[]>>;

/** What DeliverWithPrivateData of a peer tells somebody about a block. */
export async function privateDataOf(
  world: World,
  about: { readonly block: number; readonly signer: Signer; readonly at: string },
): Promise<PrivateView> {
  const { block, signer, at } = about;
  const request = procurementSeek({ signer, start: block });
  const kind = 'deliverWithPrivateData';
  for await (const answer of world.clients.deliver(request, { mspId: at, kind })) {
    const found = answer.getBlockAndPrivateData();
    if (!found) throw new Error(`no block ${block}: ${answer.getStatus()}`);
    const byTransaction = [...found.getPrivateDataMapMap().entries()];
    return Object.fromEntries(byTransaction.map(([number, sets]) => [number, setsView(sets)]));
  }
  throw new Error(`no answer about block ${block}`);
}

function setsView(sets: ledger.rwset.TxPvtReadWriteSet): object[] {
  return sets.getNsPvtRwsetList().map((set) => ({
    ns: set.getNamespace(),
    collections: set.getCollectionPvtRwsetList().map((one) => ({
      name: one.getCollectionName(),
      writes: ledger.rwset.kvrwset.KVRWSet.deserializeBinary(one.getRwset_asU8())
        .getWritesList()
        .map((write) => ({
          key: write.getKey(),
          isDelete: write.getIsDelete(),
          value: Buffer.from(write.getValue_asU8()).toString('utf8'),
        })),
    })),
  }));
}
