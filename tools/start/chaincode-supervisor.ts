import {
  startChaincodeProcess,
  type ChaincodeProcess,
  type ChaincodeProcessOptions,
} from '@procurement/network';
import { ChildFailed } from './child';
import type { LogFile } from './log-file';
import type { Part } from './part';
import { isServed } from './ports';

const pauseMinMs = 500;
const pauseMaxMs = 30_000;
/** A process that lived this long had started well. */
const soundAfterMs = 60_000;
const listenLimitMs = 60_000;

/** What a chaincode is kept running with. */
export interface ChaincodeOptions {
  readonly process: Omit<ChaincodeProcessOptions, 'log'>;
  readonly log: LogFile;
  /** Hears, in a sentence, when the process is started again. */
  readonly notice: (sentence: string) => void;
}

/** A chaincode process that is started again when it ends. */
export interface SupervisedChaincode extends Part {
  /**
   * Resolves when it listens for the first time.
   * @throws {ChildFailed} where it ends before that
   */
  readonly listening: Promise<void>;
}

/**
 * Keeps a chaincode process running: one that ends is started again, after a pause that grows while
 * it keeps ending. A peer dials a chaincode that is gone at its next call.
 */
export function superviseChaincode(options: ChaincodeOptions): SupervisedChaincode {
  const chaincode = new Chaincode(options);
  chaincode.listening.catch(() => undefined);
  return chaincode;
}

class Chaincode implements SupervisedChaincode {
  readonly name: string;
  readonly listening: Promise<void>;
  readonly #options: ChaincodeOptions;
  #current: ChaincodeProcess;
  #isEnding = false;
  #hasServed = false;
  #pauseMs = pauseMinMs;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: ChaincodeOptions) {
    this.#options = options;
    this.name = `chaincode of ${options.process.mspId}`;
    this.#current = this.#start();
    this.listening = this.#awaitFirst(this.#current);
  }

  get pid(): number {
    return this.#current.pid;
  }

  expectEnd(): void {
    this.#isEnding = true;
    clearTimeout(this.#restart);
  }

  async stop(): Promise<void> {
    this.expectEnd();
    await this.#current.stop();
    this.#options.log.close();
  }

  #start(): ChaincodeProcess {
    const { process, log } = this.#options;
    const started = startChaincodeProcess({
      ...process,
      log: (text) => {
        log.write(text);
      },
    });
    const startedAtMs = performance.now();
    void endOf(started).then((how) => {
      if (performance.now() - startedAtMs > soundAfterMs) this.#pauseMs = pauseMinMs;
      this.#onEnd(how);
    });
    return started;
  }

  #onEnd(how: string): void {
    if (this.#isEnding || !this.#hasServed) return;
    const { notice, log } = this.#options;
    notice(`The ${this.name} ended (${how}) and is started again; see ${log.path}.`);
    this.#restart = setTimeout(() => {
      this.#current = this.#start();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMaxMs);
  }

  async #awaitFirst(started: ChaincodeProcess): Promise<void> {
    const { process, log } = this.#options;
    const giveUp = new AbortController();
    const limit = setTimeout(() => {
      giveUp.abort();
    }, listenLimitMs);
    void endOf(started).then(() => {
      giveUp.abort();
    });
    this.#hasServed = await isServed({ port: process.port, signal: giveUp.signal });
    clearTimeout(limit);
    if (this.#hasServed) return;
    throw new ChildFailed(`The ${this.name} does not start; ${log.path} tells why.`);
  }
}

function endOf({ exited }: ChaincodeProcess): Promise<string> {
  return exited.then(
    (code) => (code === null ? 'by a signal' : `exit code ${code}`),
    (error: unknown) => String(error),
  );
}
