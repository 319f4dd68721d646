/** A peer in the test's hands: ledgers of its own, and chaincode processes that it calls on them. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { common, peer } from '@hyperledger/fabric-protos';
import type { Person } from '@procurement/chaincode/test-support/ledger';
import { signedProposal } from '@procurement/chaincode/test-support/proposal';
import { ChaincodeHost } from '../../../network/embedded/src/chaincode/chaincode-host';
import { blockDataHash, blockHeaderHash } from '../../../network/embedded/src/state/block-hashes';
import { Ledger } from '../../../network/embedded/src/state/ledger';
import { LIFECYCLE, sequenceKey } from '../../../network/embedded/src/state/lifecycle-keys';
import { TxSimulator } from '../../../network/embedded/src/state/simulator';

/** Channel and chaincode of every call. */
const [channelName, chaincodeName] = ['procurement', 'procurement'];
const readyWithinMs = 30_000;

/** A call as somebody signs it. */
export interface PeerCall {
  /** Name of the ledger. */
  readonly on: string;
  readonly person: Person;
  /** Name of the transaction and its argument, or whatever else. */
  readonly args: readonly Uint8Array[];
  /** The transaction's own time; default: now. */
  readonly atMs?: number;
  /** Default: one that no other call has. */
  readonly transactionId?: string;
}

/** What a chaincode made of a call. */
export interface PeerOutcome {
  readonly status: number;
  readonly message: string;
  readonly answer: string;
  /** Serialised `rwset.TxReadWriteSet`, hexadecimal. */
  readonly rwset: string;
  /** Name and payload of the event; empty where there is none. */
  readonly event: string;
}

/** Ledgers, and one chaincode process each of any number that listen. Close it. */
export class PeerInHand {
  readonly #folder: string;
  readonly #hosts = new Map<string, ChaincodeHost>();
  readonly #ledgers = new Map<string, Ledger>();
  #calls = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<PeerInHand> {
    return new PeerInHand(await mkdtemp(join(tmpdir(), 'peer-')));
  }

  /** Dials a chaincode process that registers with a package id. */
  async dial(packageId: string, port: number): Promise<void> {
    const host = new ChaincodeHost({ packageId, address: `127.0.0.1:${String(port)}` });
    this.#hosts.set(packageId, host);
    await host.ready(readyWithinMs);
  }

  /**
   * A ledger with this state, under a name.
   * @param entries keys and values, these in base64
   */
  async addLedger(name: string, entries: readonly (readonly [string, string])[]): Promise<void> {
    const ledger = await Ledger.open(join(this.#folder, name));
    this.#ledgers.set(name, ledger);
    const rows = entries.map(([key, value]) => {
      return [chaincodeName, key, Buffer.from(value, 'base64')] as const;
    });
    const sequence = new peer.lifecycle.StateData();
    sequence.setInt64(1);
    const defined = [LIFECYCLE, sequenceKey(chaincodeName), sequence.serializeBinary()] as const;
    await commitRows(ledger, [...rows, defined]);
  }

  /** A transaction id that no call has had. */
  newTransactionId(): string {
    this.#calls += 1;
    return createHash('sha256').update(`call ${this.#calls}`).digest('hex');
  }

  /**
   * Calls a chaincode on a ledger; nothing is committed.
   * @throws ChaincodeExecutionError where it gives no response
   */
  async call(packageId: string, call: PeerCall): Promise<PeerOutcome> {
    const { transactionId: txId = this.newTransactionId(), atMs = Date.now() } = call;
    const [host, ledger] = [this.#hosts.get(packageId), this.#ledgers.get(call.on)];
    if (host === undefined || ledger === undefined) throw new RangeError(`no ${call.on}`);
    const simulator = new TxSimulator({
      ...{ snapshot: ledger.snapshot(), channelId: channelName, txId },
    });
    try {
      const input = new peer.ChaincodeInput();
      input.setArgsList([...call.args]);
      const { response, event } = await host.invoke({
        ...{ channelId: channelName, txId, simulator },
        definition: { name: chaincodeName, version: '1.0', initRequired: false },
        input: input.serializeBinary(),
        signedProposal: proposalOf(call.person, { txId, atMs }),
      });
      return {
        status: response.getStatus(),
        message: response.getMessage(),
        answer: textOf(response.getPayload_asU8()),
        rwset: simulator.results().rwset.toString('hex'),
        event: event ? `${event.getEventName()} ${textOf(event.getPayload_asU8())}` : '',
      };
    } finally {
      await simulator.done();
    }
  }

  async close(): Promise<void> {
    for (const host of this.#hosts.values()) await host.close();
    for (const ledger of this.#ledgers.values()) await ledger.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function proposalOf(
  person: Person,
  { txId: transactionId, atMs }: { readonly txId: string; readonly atMs: number },
): peer.SignedProposal {
  const { mspId: organization, certificatePem } = person;
  const made = signedProposal({
    ...{ channel: channelName, chaincode: chaincodeName, transactionId },
    ...{ mspId: organization, certificatePem, atMs },
  });
  const proposal = new peer.SignedProposal();
  proposal.setProposalBytes(made.getProposalBytes());
  proposal.setSignature(made.getSignature());
  return proposal;
}

/** Puts rows into a ledger, without any transaction. */
async function commitRows(
  ledger: Ledger,
  rows: readonly (readonly [string, string, Uint8Array])[],
): Promise<void> {
  const number = ledger.height;
  const dataHash = blockDataHash([]);
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(ledger.lastBlockHash);
  header.setDataHash(dataHash);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(new common.BlockData());
  const version = { blockNumber: number, txNumber: 0 };
  await ledger.commit({
    ...{ block, number, bytes: Buffer.from(block.serializeBinary()) },
    headerHash: blockHeaderHash({ number, previousHash: ledger.lastBlockHash, dataHash }),
    ...{ commitHash: Buffer.of(), txIds: [], codes: [], history: [] },
    updates: rows.map(([namespace, key, value]) => ({
      ...{ namespace, key },
      entry: { value: Buffer.from(value), version, metadata: Buffer.of() },
    })),
  });
}
