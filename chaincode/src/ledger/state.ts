/**
 * World state during one transaction. Three of Fabric's ways are guarded here: a read does not see
 * this transaction's own write, a write without a read of the same key escapes the check for
 * conflicts, and a range is protected against phantoms only if it is read to its end.
 */
import type { Context } from 'fabric-contract-api';
import { KEY_PREFIXES, type KeyKind, type KeyPart, keyParts } from './keys';

type Stub = Context['stub'];

/** The name of one record: its kind, and the parts of its key. */
export interface KeyName {
  readonly kind: KeyKind;
  readonly parts: readonly KeyPart[];
}

/** Reads and writes of one transaction. */
export class State {
  readonly #stub: Stub;
  readonly #read = new Set<string>();
  readonly #written = new Set<string>();

  constructor(stub: Stub) {
    this.#stub = stub;
  }

  /**
   * The bytes under a key; undefined where there are none.
   * @throws {Error} where this transaction wrote the key: it would see the old value
   */
  async get(name: KeyName): Promise<Uint8Array | undefined> {
    const key = this.#keyOf(name);
    if (this.#written.has(key)) throw new Error(`${name.kind} is read after it was written`);
    this.#read.add(key);
    const value = await this.#stub.getState(key);
    return value.length === 0 ? undefined : value;
  }

  /**
   * Writes bytes under a key.
   * @throws {Error} where the key was not read before, or is written twice
   */
  async put(name: KeyName, value: Uint8Array): Promise<void> {
    const key = this.#keyOf(name);
    if (!this.#read.has(key)) throw new Error(`${name.kind} is written without being read`);
    if (this.#written.has(key)) throw new Error(`${name.kind} is written twice`);
    this.#written.add(key);
    await this.#stub.putState(key, value);
  }

  /** All values of a kind whose keys begin with these parts, in the order of their keys. */
  async list({ kind, parts }: KeyName): Promise<Uint8Array[]> {
    const values: Uint8Array[] = [];
    const found = this.#stub.getStateByPartialCompositeKey(KEY_PREFIXES[kind], keyParts(parts));
    for await (const { value } of found) values.push(value);
    return values;
  }

  #keyOf({ kind, parts }: KeyName): string {
    return this.#stub.createCompositeKey(KEY_PREFIXES[kind], keyParts(parts));
  }
}
