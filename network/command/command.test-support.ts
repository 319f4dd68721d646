import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { ProgramRun } from '../embedded/src/test-support/program-run';

const root = resolve(__dirname, '../..');

/** The command `npm run network`, built from its sources, with a folder for all that is made. */
export class NetworkCommand {
  readonly folder: string;
  readonly #program: string;
  readonly #runs: ProgramRun[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.#program = join(folder, 'main.js');
  }

  static async build(): Promise<NetworkCommand> {
    const command = new NetworkCommand(await mkdtemp(join(tmpdir(), 'network-command-')));
    buildSync({
      entryPoints: [join(__dirname, 'main.ts')],
      outfile: command.#program,
      bundle: true,
      platform: 'node',
      packages: 'external',
    });
    return command;
  }

  /** Runs it; what it is told to keep goes to `folder`/`name`. */
  run(args: readonly string[], name = 'network'): ProgramRun {
    const folder = join(this.folder, name);
    const child = spawn(process.execPath, [this.#program, ...args, '--folder', folder], {
      cwd: root,
      env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const run = new ProgramRun(child);
    this.#runs.push(run);
    return run;
  }

  /** Ends what still runs, and removes everything. */
  async close(): Promise<void> {
    for (const { child, ended } of this.#runs) {
      child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
