/**
 * Two clocks for a system under test. On the machine's a deadline is waited for; the tests' own is
 * moved past it: the same time for all processes that the test starts and for the test itself.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '@procurement/tools/start/project-root';

/** What a test does about time. */
export interface Clock {
  /**
   * For how long from now a tender takes bids.
   * @param work.commands how many come between draft and deadline
   * @param work.commandMs measures what one takes, in milliseconds
   */
  biddingMs(work: {
    readonly commands: number;
    readonly commandMs: () => Promise<number>;
  }): Promise<number>;
  /** Resolves when an instant has passed: milliseconds since 1970. */
  pass(epochMs: number): Promise<void>;
}

/** A period for bids that no machine is too slow for, where nobody has to wait for its end. */
export const BIDDING_MS = 600_000;

const BIDDING_MIN_MS = 5_000;
/** The machine may become that much slower while bids are handed in. */
const BIDDING_SLACK = 5;

/**
 * The machine's clock: for real Fabric, whose nodes know no other, and for what is about real time.
 * Periods are as short as the machine allows, since they are waited for.
 */
export const machineClock: Clock = {
  biddingMs: async ({ commands, commandMs }) =>
    Math.round(Math.max(BIDDING_MIN_MS, commands * (await commandMs()) * BIDDING_SLACK)),
  pass: async (epochMs) => {
    const leftMs = epochMs - Date.now() + 1;
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
  },
};

const program = join(projectRoot, 'test', 'fixtures', 'test-clock.cjs');
const { install } = createRequire(__filename)(program) as {
  readonly install: (file: string) => () => void;
};

/**
 * The tests' own clock, which runs as the machine's does, and can be moved forward. It is in place
 * in this process, and in each that is started with this process's environment, from the start on;
 * the product knows nothing of it. Stop it when those processes are gone.
 */
export class TestClock implements Clock {
  readonly #folder: string;
  readonly #descriptor: number;
  readonly #restore: () => void;
  #movedMs = 0;
  #stopped: Promise<void> | undefined;

  private constructor(folder: string, skews: Readonly<Record<string, number>>) {
    this.#folder = folder;
    const file = join(folder, 'moved-ms');
    this.#descriptor = openSync(file, 'w');
    this.#write();
    const uninstall = install(file);
    const { NODE_OPTIONS: options = '' } = process.env;
    const restoreEnvironment = changeEnvironment({
      TEST_CLOCK: file,
      TEST_CLOCK_SKEWS: JSON.stringify(skews),
      NODE_OPTIONS: `${options} --require ${JSON.stringify(program)}`,
    });
    this.#restore = () => {
      restoreEnvironment();
      uninstall();
    };
  }

  /** @param skews by how many milliseconds an organisation's chaincode is ahead, by MSP id */
  static async start(skews: Readonly<Record<string, number>> = {}): Promise<TestClock> {
    return new TestClock(await mkdtemp(join(tmpdir(), 'clock-')), skews);
  }

  biddingMs(): Promise<number> {
    return Promise.resolve(BIDDING_MS);
  }

  pass(epochMs: number): Promise<void> {
    this.#movedMs += Math.max(0, epochMs - Date.now() + 1);
    this.#write();
    return Promise.resolve();
  }

  /** Puts the machine's clock back, in this process and for those that it starts; once. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#restore();
    closeSync(this.#descriptor);
    await rm(this.#folder, { recursive: true });
  }

  #write(): void {
    const bytes = Buffer.alloc(Float64Array.BYTES_PER_ELEMENT);
    bytes.writeDoubleLE(this.#movedMs);
    writeSync(this.#descriptor, bytes, 0, bytes.length, 0);
  }
}

/** @returns a function that sets the variables back */
function changeEnvironment(wanted: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, wanted);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}
