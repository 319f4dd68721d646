import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs: what it printed so far, and its end. */
export class ProgramRun {
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
