import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const root = resolve(__dirname, '../..');

/** A run of the command: what it printed so far, and its end. */
export class CommandRun {
  readonly child: ChildProcess;
  /** Exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
  output = '';

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        child.emit('output');
      });
    }
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Waits until it has printed this. @throws Error with all output when it ends before */
  async printed(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      const isOver = await Promise.race([
        once(this.child, 'output').then(() => false),
        this.ended.then(() => true),
      ]);
      if (isOver && !this.output.includes(text)) throw new Error(`no "${text}" in ${this.output}`);
    }
  }

  /** Ctrl-C. @returns its exit code */
  async interrupt(): Promise<number | null> {
    this.child.kill('SIGINT');
    return this.ended;
  }
}

/** The command `npm run network`, built from its sources, with a folder for all that is made. */
export class NetworkCommand {
  readonly folder: string;
  readonly #program: string;
  readonly #runs: CommandRun[] = [];

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
  run(args: readonly string[], name = 'network'): CommandRun {
    const folder = join(this.folder, name);
    const child = spawn(process.execPath, [this.#program, ...args, '--folder', folder], {
      cwd: root,
      env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const run = new CommandRun(child);
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
