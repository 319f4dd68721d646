import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPortFree } from '@procurement/network';
import { freePorts } from '@procurement/tools/start/ports';
import { projectRoot } from '@procurement/tools/start/project-root';

/** The one way into the project. */
export const runFile = join(projectRoot, 'tools', 'run.cjs');

/** Ports of a product under test. */
export interface ProductPorts {
  readonly httpPort: number;
  /** So many ports from here on are free. */
  readonly networkPort: number;
}

/** What a program came to. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** A program under test. */
export interface Program {
  readonly pid: number;
  readonly output: () => string;
  /** Resolves when it has printed a text; rejects when it ends without. */
  printed(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals, to?: 'process' | 'group'): void;
}

const networkPortSpan = 20;
const goneWithinMs = 15_000;
const lookAgainMs = 50;

/** Ports for two gateways and a range for the network that are free now. */
export async function freeProductPorts(): Promise<ProductPorts> {
  const httpPort = await freePair();
  for (;;) {
    const networkPort = 20_000 + Math.floor(Math.random() * 10_000);
    const range = Array.from({ length: networkPortSpan + 1 }, (_, index) => networkPort + index);
    const free = await Promise.all(range.map(isPortFree));
    if (free.every(Boolean) && !range.some((port) => isGatewayPort(port, httpPort)))
      return { httpPort, networkPort };
  }
}

/** The gateway's port, of which the next, the second gateway's, is free as well. */
async function freePair(): Promise<number> {
  for (;;) {
    const [port = 0] = await freePorts(1);
    if (await isPortFree(port + 1)) return port;
  }
}

function isGatewayPort(port: number, httpPort: number): boolean {
  return port === httpPort || port === httpPort + 1;
}

/** The environment that gives a product its folder and ports. */
export function productEnvironment(
  folder: string,
  { httpPort, networkPort }: ProductPorts,
): Record<string, string> {
  return {
    PROCUREMENT_DATA: folder,
    PROCUREMENT_HTTP_PORT: String(httpPort),
    PROCUREMENT_NETWORK_PORT: String(networkPort),
  };
}

/** Runs a program in the checkout, in a process group of its own, with no input. */
export function runProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(command, args, {
    cwd: projectRoot,
    env: { ...withoutJest(process.env), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const text = { output: '', errors: '' };
  const listeners = new Set<() => void>();
  for (const [stream, name] of [
    [child.stdout, 'output'],
    [child.stderr, 'errors'],
  ] as const) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece;
      for (const listener of [...listeners]) listener();
    });
  }
  const ended = endOf(child, text);
  const pid = child.pid ?? 0;
  return {
    pid,
    output: () => text.output,
    ended,
    printed: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (text.output.includes(wanted)) resolve();
        };
        listeners.add(look);
        look();
        void ended.then(({ output, errors }) => {
          reject(new Error(`ended without "${wanted}":\n${output}\n${errors}`));
        });
      }),
    kill: (signal, to = 'process') => {
      process.kill(to === 'group' ? -pid : pid, signal);
    },
  };
}

/** Starts the whole product as its README says, without a demonstration unless words are given. */
export function startProduct(
  environment: Readonly<Record<string, string>>,
  words: readonly string[] = ['--no-demo'],
): Program {
  return runProgram(process.execPath, [runFile, 'start', ...words], environment);
}

/** A process and everything that it started, and so on. */
export function processTree(pid: number): number[] {
  const parents = new Map(allProcesses().map(({ id, parent }) => [id, parent]));
  const tree = [pid];
  for (const known of tree) {
    for (const [id, parent] of parents) if (parent === known) tree.push(id);
  }
  return tree;
}

/** Which of these processes still run after a while; none, as a rule. */
export async function stillRunning(pids: readonly number[]): Promise<number[]> {
  const endsAtMs = Date.now() + goneWithinMs;
  let left = pids.filter(isRunning);
  while (left.length > 0 && Date.now() < endsAtMs) {
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    left = left.filter(isRunning);
  }
  return left;
}

/** Ends with SIGKILL whatever of these processes still runs, so that no test leaves any behind. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids.filter(isRunning)) process.kill(pid, 'SIGKILL');
}

async function endOf(
  child: ChildProcess,
  text: { readonly output: string; readonly errors: string },
): Promise<Ended> {
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { exitCode, signal, ...text };
}

/** A zombie has ended; nobody has asked for its exit code yet. */
function isRunning(pid: number): boolean {
  return processesNamed([String(pid)]).some(({ state }) => state !== 'Z');
}

function allProcesses(): readonly FoundProcess[] {
  return processesNamed(readdirSync('/proc').filter((name) => /^\d+$/.test(name)));
}

interface FoundProcess {
  readonly id: number;
  readonly parent: number;
  readonly state: string;
}

/** Those of these ids that are there. */
function processesNamed(ids: readonly string[]): readonly FoundProcess[] {
  return ids.flatMap((id) => {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ id: Number(id), parent: Number(parent), state }];
    } catch {
      return [];
    }
  });
}

/** The product must not see what the test runner told this process. */
function withoutJest(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const told = ['NODE_OPTIONS', 'JEST_WORKER_ID'];
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !told.includes(name)));
}
