import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** PEM files of a chaincode that speaks TLS. */
export interface ChaincodeProcessTls {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Present where whoever connects must have a certificate of this CA. */
  readonly clientCaFile?: string;
}

/** A chaincode that is to run as a process of its own. */
export interface ChaincodeProcessOptions {
  /**
   * The chaincode package: a folder with `package.json` and the module it names. Where that has a
   * `bin`, this program is started with the options of the stock command, in place of it.
   */
  readonly folder: string;
  /** `label:sha256` that the process registers with. */
  readonly packageId: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Organization of the peer; `stub.getMspID()` gives it. */
  readonly mspId: string;
  /** Present for a chaincode that speaks TLS. */
  readonly tls?: ChaincodeProcessTls;
  /** The Node that runs it. Default: the one that runs this process. */
  readonly node?: string;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Hears what the process prints, in pieces. Default: nobody. */
  readonly log?: (text: string) => void;
}

/** A running chaincode process. */
export interface ChaincodeProcess {
  readonly pid: number;
  /** Resolves when the process is gone, with its exit code (null after a signal). */
  readonly exited: Promise<number | null>;
  /** Asks the process to end, forces it after 5 s, and waits until it is gone. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 5_000;

/** Ends the child with its parent: the stock command does not watch who started it. */
const WATCH_PARENT = 'data:text/javascript,process.on("disconnect",()=>process.exit(0))';

function programOf(folder: string): string[] {
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin?: unknown;
  };
  return typeof bin === 'string' ? [join(folder, bin)] : [stockCommand(folder), 'server'];
}

/** The command of the chaincode's own fabric-shim, or of ours where it brings none. */
function stockCommand(folder: string): string {
  const wanted = 'fabric-shim/package.json';
  let packageFile: string;
  try {
    packageFile = createRequire(join(folder, 'package.json')).resolve(wanted);
  } catch {
    packageFile = createRequire(__filename).resolve(wanted);
  }
  return join(dirname(packageFile), 'cli.js');
}

/** What Node is started with for a chaincode: the program and its options. */
export function chaincodeArguments(
  chaincode: Omit<ChaincodeProcessOptions, 'env' | 'log' | 'node'>,
): readonly string[] {
  const { folder, packageId, port, tls } = chaincode;
  const address = `127.0.0.1:${String(port)}`;
  const options = ['--chaincode-address', address, '--chaincode-id', packageId];
  if (tls) {
    options.push('--chaincode-tls-cert-file', tls.certificateFile);
    options.push('--chaincode-tls-key-file', tls.keyFile);
  }
  if (tls?.clientCaFile !== undefined) {
    options.push('--chaincode-tls-client-cacert-file', tls.clientCaFile);
  }
  return [...programOf(folder), ...options];
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

/**
 * Starts a chaincode with the stock `fabric-chaincode-node server` command. It ends with this
 * process. Whether it listens yet is for `ChaincodeHost.ready` to find out.
 * @throws Error when no process could be started
 */
export function startChaincodeProcess(options: ChaincodeProcessOptions): ChaincodeProcess {
  const child = spawn(
    options.node ?? process.execPath,
    ['--import', WATCH_PARENT, ...chaincodeArguments(options)],
    {
      cwd: options.folder,
      env: {
        ...process.env,
        CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR',
        ...options.env,
        CORE_PEER_LOCALMSPID: options.mspId,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const { pid } = child;
  if (pid === undefined) throw new Error(`no process for chaincode ${options.packageId}`);
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8').on('data', (text: string) => options.log?.(text));
  }
  const exited = exitOf(child);
  return { pid, exited, stop: () => stopChild(child, exited) };
}

async function stopChild(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  try {
    await exited;
  } finally {
    clearTimeout(force);
  }
}
