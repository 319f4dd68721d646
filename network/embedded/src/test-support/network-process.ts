import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { Topology } from '../../../topology';
import type { NetworkProcessMessage } from '../main';
import type { ProfileSource } from './gateway-client';

const nodeModules = resolve(__dirname, '../../../../node_modules');

/** What a network process says once it serves. */
export type Ready = Extract<NetworkProcessMessage, { type: 'ready' }>;

/** The network's own program, built from its sources, and the processes that it was started as. */
export class NetworkProgram {
  readonly #folder: string;
  readonly #file: string;
  readonly #children: ChildProcess[] = [];

  /** @param folder for the program and the topologies */
  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'main.js');
    buildSync({
      entryPoints: [join(__dirname, '../main.ts')],
      outfile: this.#file,
      bundle: true,
      platform: 'node',
      packages: 'external',
    });
  }

  /**
   * Starts a process, which says first whether it is ready.
   * @param options.args added to the program's own
   * @param options.stderr descriptor of a file that takes what the process complains about
   * @param options.shellPrefix what a shell does first, such as setting a limit for the process
   */
  async start(
    topology: Topology,
    folder: string,
    options: { args?: readonly string[]; stderr?: number; shellPrefix?: string } = {},
  ): Promise<ChildProcess> {
    const file = join(this.#folder, 'topology.json');
    await writeFile(file, JSON.stringify(topology));
    const args = ['--topology', file, '--folder', folder, ...(options.args ?? [])];
    const { shellPrefix } = options;
    const child = fork(this.#file, args, {
      ...(shellPrefix !== undefined && {
        execPath: '/bin/bash',
        execArgv: ['-c', `${shellPrefix} && exec "$0" "$@"`, process.execPath],
      }),
      env: { ...process.env, NODE_PATH: nodeModules },
      stdio: ['ignore', 'ignore', options.stderr ?? 'ignore', 'ipc'],
    });
    this.#children.push(child);
    return child;
  }

  /** Kills what still runs. */
  async end(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
  }
}

/** The next thing that a network process says. */
export async function nextMessage(child: ChildProcess): Promise<NetworkProcessMessage> {
  const [message] = (await once(child, 'message')) as [NetworkProcessMessage];
  return message;
}

/** Waits until a network serves. @throws Error with what it says where it cannot */
export async function ready(child: ChildProcess): Promise<Ready> {
  const message = await nextMessage(child);
  if (message.type !== 'ready') throw new Error(message.message);
  return message;
}

/** Where clients find the files of a network process. */
export function sourceOf(message: Ready, topology: Topology): ProfileSource {
  const profiles = new Map(Object.entries(message.profiles));
  return { topology, profiles, walletFolder: message.walletFolder };
}
