/** The product's chaincode in a process of its own, with a peer in the test's hands. */
import { join } from 'node:path';
import { startChaincodeProcess, type ChaincodeProcess } from '@procurement/network';
import { freePorts } from '@procurement/tools/start/ports';
import { projectRoot } from '@procurement/tools/start/project-root';
import { type PeerCall, PeerInHand, type PeerOutcome } from './peer-in-hand';

const packageId = 'measured:0000';
const mspId = 'AuditorMSP';

/** What came of a call, and what it took inside the chaincode's process. */
export interface MeasuredCall extends PeerOutcome {
  readonly elapsedMs: number;
  /** Processor time of the whole process; what else the machine does is not in it. */
  readonly processorMs: number;
}

/** A chaincode process, and ledgers that it is called on. Close it. */
export class MeasuredChaincode {
  readonly #peer: PeerInHand;
  readonly #process: ChaincodeProcess;
  readonly #times = new Map<string, (times: [number, number]) => void>();
  #log = '';
  #line = '';
  #hasEnded = false;

  private constructor(peer: PeerInHand, port: number) {
    this.#peer = peer;
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
  }

  static async start(): Promise<MeasuredChaincode> {
    const [port = 0] = await freePorts(1);
    const peer = await PeerInHand.open();
    const chaincode = new MeasuredChaincode(peer, port);
    await peer.dial(packageId, port);
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

  /** As {@link PeerInHand.addLedger}. */
  async addLedger(name: string, entries: readonly (readonly [string, string])[]): Promise<void> {
    await this.#peer.addLedger(name, entries);
  }

  /** Calls the chaincode as somebody, now, on a ledger; nothing is committed. */
  async call(call: Omit<PeerCall, 'transactionId' | 'atMs'>): Promise<MeasuredCall> {
    const transactionId = this.#peer.newTransactionId();
    const took = new Promise<[number, number]>((resolve) => {
      this.#times.set(transactionId, resolve);
    });
    const outcome = await this.#peer.call(packageId, { ...call, transactionId });
    const [elapsedMs, processorMs] = await took;
    return { ...outcome, elapsedMs, processorMs };
  }

  async close(): Promise<void> {
    await this.#peer.close();
    await this.#process.stop();
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
