/**
 * A peer's world state with Fabric's semantics: a simulation reads what was committed before it and
 * never its own writes; at commit, keys and ranges that it read must be as it read them.
 */
import { compareBytes, utf8 } from '@procurement/protocol';

interface Versioned {
  readonly value: Buffer;
  readonly version: number;
}

interface Range {
  readonly from: string;
  readonly to: string;
  /** Keys found, with their versions, as one text. */
  readonly found: string;
}

/** Outcome of a commit, in the words of Fabric's validation codes. */
export type ValidationCode = 'VALID' | 'MVCC_READ_CONFLICT' | 'PHANTOM_READ_CONFLICT';

/** Reads and writes of one simulation. */
export class Simulation {
  readonly reads = new Map<string, number>();
  readonly ranges: Range[] = [];
  readonly writes = new Map<string, Buffer>();
}

/** Committed keys. */
export class WorldState {
  readonly #entries: Map<string, Versioned>;
  #version: number;

  constructor(entries: ReadonlyMap<string, Versioned> = new Map(), version = 0) {
    this.#entries = new Map(entries);
    this.#version = version;
  }

  /** A state that goes its own way from here. */
  fork(): WorldState {
    return new WorldState(this.#entries, this.#version);
  }

  /** Every committed key and value. */
  entries(): [string, Buffer][] {
    return [...this.#entries].map(([key, { value }]) => [key, value]);
  }

  /** Changes a committed value behind the chaincode's back, for what it should never meet. */
  overwrite(key: string, value: Uint8Array): void {
    this.#version += 1;
    this.#entries.set(key, { value: Buffer.from(value), version: this.#version });
  }

  /** The part of a peer that a stub talks to. */
  handlerFor(simulation: Simulation): object {
    return {
      handleGetState: (_collection: string, key: string) => {
        simulation.reads.set(key, this.#versionOf(key));
        return Promise.resolve(this.#entries.get(key)?.value ?? Buffer.alloc(0));
      },
      handlePutState: (_collection: string, key: string, value: Uint8Array) => {
        simulation.writes.set(key, Buffer.from(value));
        return Promise.resolve();
      },
      handleGetStateByRange: (_collection: string, from: string, to: string) => {
        const keys = this.#keysBetween(from, to);
        simulation.ranges.push({ from, to, found: this.#describe(keys) });
        return Promise.resolve({ iterator: this.#iterate(keys) });
      },
    };
  }

  /** Commits a simulation unless what it read has changed. */
  commit(simulation: Simulation): ValidationCode {
    for (const [key, version] of simulation.reads) {
      if (this.#versionOf(key) !== version) return 'MVCC_READ_CONFLICT';
    }
    for (const { from, to, found } of simulation.ranges) {
      if (this.#describe(this.#keysBetween(from, to)) !== found) return 'PHANTOM_READ_CONFLICT';
    }
    this.#version += 1;
    for (const [key, value] of simulation.writes) {
      this.#entries.set(key, { value, version: this.#version });
    }
    return 'VALID';
  }

  #versionOf(key: string): number {
    return this.#entries.get(key)?.version ?? 0;
  }

  #keysBetween(from: string, to: string): string[] {
    return [...this.#entries.keys()]
      .filter((key) => compareKeys(key, from) >= 0 && compareKeys(key, to) < 0)
      .sort(compareKeys);
  }

  #describe(keys: readonly string[]): string {
    return JSON.stringify(keys.map((key) => [key, this.#versionOf(key)]));
  }

  #iterate(keys: readonly string[]): object {
    let position = 0;
    return {
      next: () => {
        const key = keys[position];
        position += 1;
        if (key === undefined) return Promise.resolve({ done: true });
        const value = { key, value: this.#entries.get(key)?.value };
        return Promise.resolve({ value, done: false });
      },
      close: () => Promise.resolve(),
    };
  }
}

function compareKeys(left: string, right: string): number {
  return compareBytes(utf8(left), utf8(right));
}
