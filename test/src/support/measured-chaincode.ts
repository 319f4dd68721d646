/** The product's chaincode in a process of its own, with a peer in the test's hands. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { common, peer } from '@hyperledger/fabric-protos';
import { startChaincodeProcess, type ChaincodeProcess } from '@procurement/network';
import { freePorts } from '@procurement/tools/start/ports';
import { projectRoot } from '@procurement/tools/start/project-root';
import type { Person } from '@procurement/chaincode/test-support/ledger';
import { signedProposal } from '@procurement/chaincode/test-support/proposal';
import { ChaincodeHost } from '../../../network/embedded/src/chaincode/chaincode-host';
import { blockDataHash, blockHeaderHash } from '../../../network/embedded/src/state/block-hashes';
import { Ledger } from '../../../network/embedded/src/state/ledger';
import { LIFECYCLE, sequenceKey } from '../../../network/embedded/src/state/lifecycle-keys';
import { TxSimulator } from '../../../network/embedded/src/state/simulator';

const packageId = 'measured:0000';
const mspId = 'AuditorMSP';
/** Channel and chaincode of the honest calls. */
const [channelName, chaincodeName] = ['procurement', 'procurement'];
const readyWithinMs = 30_000;

/** What came of a call, and what it took inside the chaincode's process. */
export interface MeasuredCall {
  readonly status: number;
  readonly message: string;
  readonly answer: string;
  readonly elapsedMs: number;
  /** Processor time of the whole process; what else the machine does is not in it. */
  readonly processorMs: number;
}

/** A chaincode process, and ledgers that it is called on. Close it. */
export class MeasuredChaincode {
  readonly #folder: string;
  readonly #process: ChaincodeProcess;
  readonly #host: ChaincodeHost;
  readonly #ledgers = new Map<string, Ledger>();
  readonly #times = new Map<string, (times: [number, number]) => void>();
  #log = '';
  #line = '';
  #calls = 0;
  #hasEnded = false;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#process = startChaincodeProcess({
      folder: join(projectRoot, 'test', 'fixtures', 'measured'),
      ...{ packageId, port, mspId },
      env: {
        CORE_CHAINCODE_LOGGING_LEVEL: 'INFO',
        PROCUREMENT_MIN_BIDDING_MS: '1000',
        PROCUREMENT_MIN_GRACE_MS: '500',
      },
      log: (text) => {
        this.#hear(text);
      },
    });
    void this.#process.exited.then(() => {
      this.#hasEnded = true;
    });
    this.#host = new ChaincodeHost({ packageId, address: `127.0.0.1:${String(port)}` });
  }

  static async start(): Promise<MeasuredChaincode> {
    const folder = await mkdtemp(join(tmpdir(), 'measured-'));
    const [port = 0] = await freePorts(1);
    const chaincode = new MeasuredChaincode(folder, port);
    await chaincode.#host.ready(readyWithinMs);
    return chaincode;
  }

  /** Whether the process that was started at first still runs. */
  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  /** Everything that the process printed, its measurements left out. */
  get log(): string {
    return this.#log;
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

  /**
   * Calls the chaincode as somebody, now, on a ledger; nothing is committed.
   * @param call.args name of the transaction and its argument, or whatever else
   */
  async call(call: {
    readonly on: string;
    readonly person: Person;
    readonly args: readonly Uint8Array[];
  }): Promise<MeasuredCall> {
    this.#calls += 1;
    const txId = createHash('sha256').update(`call ${this.#calls}`).digest('hex');
    const ledger = this.#ledgers.get(call.on);
    if (ledger === undefined) throw new RangeError(`no ledger ${call.on}`);
    const took = new Promise<[number, number]>((resolve) => this.#times.set(txId, resolve));
    const snapshot = ledger.snapshot();
    const simulator = new TxSimulator({ snapshot, channelId: channelName, txId });
    try {
      const input = new peer.ChaincodeInput();
      input.setArgsList([...call.args]);
      const { response } = await this.#host.invoke({
        ...{ channelId: channelName, txId, simulator },
        definition: { name: chaincodeName, version: '1.0', initRequired: false },
        input: input.serializeBinary(),
        signedProposal: proposalOf(call.person, txId),
      });
      const [elapsedMs, processorMs] = await took;
      return {
        status: response.getStatus(),
        message: response.getMessage(),
        answer: Buffer.from(response.getPayload_asU8()).toString(),
        ...{ elapsedMs, processorMs },
      };
    } finally {
      await simulator.done();
    }
  }

  async close(): Promise<void> {
    await this.#host.close();
    await this.#process.stop();
    for (const ledger of this.#ledgers.values()) await ledger.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #hear(text: string): void {
    const lines = `${this.#line}${text}`.split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const [, txId = '', elapsed, processor] = /^took (\S+) (\S+) (\S+)$/.exec(line) ?? [];
      const tell = this.#times.get(txId);
      if (tell === undefined) this.#log += `${line}\n`;
      else tell([Number(elapsed), Number(processor)]);
      this.#times.delete(txId);
    }
  }
}

function proposalOf(person: Person, transactionId: string): peer.SignedProposal {
  const { mspId: organization, certificatePem } = person;
  const made = signedProposal({
    ...{ channel: channelName, chaincode: chaincodeName, transactionId },
    ...{ mspId: organization, certificatePem, atMs: Date.now() },
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
