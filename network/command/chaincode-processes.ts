import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChaincodeProcess } from '../chaincode-service/chaincode-process';
import type { ChaincodeProcess } from '../chaincode-service/chaincode-process';
import type { ChaincodePackage } from '../lifecycle/chaincode-package';
import type { Print } from './texts';

/** A chaincode that did not come up; the message says what its process printed. */
export class ChaincodeStartError extends Error {
  override readonly name = 'ChaincodeStartError';
}

const listenLimitMs = 30_000;
const probeEveryMs = 50;
/** What is kept of a process's output for the case that it fails. */
const outputLimit = 4_000;

/** The processes of one chaincode, one for each organization; they end with this process. */
export class ChaincodeProcesses {
  readonly #print: Print;
  readonly #running: ChaincodeProcess[] = [];
  /** Resolves when a process has ended that nobody stopped. */
  readonly ended: Promise<void>;
  #reportEnd: () => void = () => undefined;
  #isStopping = false;

  constructor(print: Print) {
    this.#print = print;
    this.ended = new Promise((resolve) => {
      this.#reportEnd = resolve;
    });
  }

  get isEmpty(): boolean {
    return this.#running.length === 0;
  }

  /**
   * Starts a process for each package and waits until all listen.
   * @throws ChaincodeStartError when the folder holds no chaincode, or a process ends or does not
   *   listen in time
   */
  async start(chaincode: {
    folder: string;
    packages: ReadonlyMap<string, ChaincodePackage>;
    addresses: ReadonlyMap<string, string>;
  }): Promise<void> {
    const { folder, packages, addresses } = chaincode;
    if (!existsSync(join(folder, 'package.json'))) {
      throw new ChaincodeStartError(`The folder ${folder} has no package.json.`);
    }
    const starts = [...packages].map(([mspId, { id }]) => {
      const port = Number(addresses.get(mspId)?.split(':').at(-1));
      return this.#startOne({ folder, packageId: id, port, mspId });
    });
    await Promise.all(starts);
  }

  /** Ends them all. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running.splice(0).map((one) => one.stop()));
  }

  async #startOne(parts: {
    folder: string;
    packageId: string;
    port: number;
    mspId: string;
  }): Promise<void> {
    const { mspId, port } = parts;
    let output = '';
    const started = startChaincodeProcess({
      ...parts,
      env: { CORE_CHAINCODE_LOGGING_LEVEL: process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ?? 'INFO' },
      log: (text) => {
        output = (output + text).slice(-outputLimit);
        for (const line of text.trimEnd().split('\n')) this.#print(`${mspId} | ${line}`);
      },
    });
    this.#running.push(started);
    const exited = started.exited.then((code) => {
      if (!this.#isStopping) this.#reportEnd();
      return new ChaincodeStartError(
        `The chaincode process of ${mspId} ended with exit code ${String(code)}:\n${output}`,
      );
    });
    const limit = AbortSignal.timeout(listenLimitMs);
    const failure = await Promise.race([exited, listens(port, limit)]);
    if (failure) throw failure;
  }
}

/** Waits until something listens on the port. @returns an error when it takes too long */
async function listens(port: number, limit: AbortSignal): Promise<ChaincodeStartError | undefined> {
  while (!limit.aborted) {
    if (await accepts(port)) return undefined;
    await delay(probeEveryMs);
  }
  return new ChaincodeStartError(`The chaincode does not listen on port ${String(port)}.`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
