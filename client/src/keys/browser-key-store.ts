/**
 * Keys in a browser's own store. IndexedDB keeps a key of WebCrypto as it is, not extractable, so
 * that scripts of the same page can sign with it and nothing else (W3C Web Cryptography API,
 * section 5.2: storing keys by structured clone).
 */
import { type KeyPair, newKeyPair } from '../signing/signer';
import type { KeyStore, StoredKey } from './key-store';

const DATABASE = 'procurement';
const STORE = 'keys';

/** What of IndexedDB is used here. */
interface Request<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
}
interface ObjectStore {
  add(value: StoredKey, name: string): Request<unknown>;
  put(value: StoredKey, name: string): Request<unknown>;
  get(name: string): Request<StoredKey | undefined>;
  delete(name: string): Request<unknown>;
}
interface Transaction {
  readonly error: unknown;
  objectStore(name: string): ObjectStore;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}
interface Database {
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: 'readonly' | 'readwrite'): Transaction;
  close(): void;
}

/** The part of `indexedDB` by which a store is opened. */
export interface DatabaseFactory {
  open(name: string, version: number): unknown;
}

/** {@link KeyStore} of a browser. */
export class BrowserKeyStore implements KeyStore {
  readonly #factory: DatabaseFactory;

  /** @param factory `indexedDB` of the page */
  constructor(factory: DatabaseFactory) {
    this.#factory = factory;
  }

  async make(name: string): Promise<StoredKey> {
    const keys: KeyPair = await newKeyPair({ extractable: false });
    const stored = { keys, certificate: undefined };
    await this.#run('readwrite', (store) => store.add(stored, name));
    return stored;
  }

  find(name: string): Promise<StoredKey | undefined> {
    return this.#run('readonly', (store) => store.get(name));
  }

  async keepCertificate(name: string, certificate: string): Promise<void> {
    const stored = await this.find(name);
    if (stored === undefined) throw new RangeError(`there is no key ${name}`);
    await this.#run('readwrite', (store) => store.put({ ...stored, certificate }, name));
  }

  async remove(name: string): Promise<void> {
    await this.#run('readwrite', (store) => store.delete(name));
  }

  /** One request in a transaction of its own; its result once the transaction is on the disk. */
  async #run<T>(
    mode: 'readonly' | 'readwrite',
    ask: (store: ObjectStore) => Request<T>,
  ): Promise<T> {
    const database = await this.#open();
    try {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => {
          resolve();
        };
        transaction.onabort = () => {
          reject(errorOf(transaction.error));
        };
      });
      return request.result;
    } finally {
      database.close();
    }
  }

  #open(): Promise<Database> {
    const request = this.#factory.open(DATABASE, 1) as OpenRequest;
    return new Promise((resolve, reject) => {
      request.onupgradeneeded = () => {
        request.result.createObjectStore(STORE);
      };
      request.onsuccess = () => {
        resolve(request.result);
      };
      request.onerror = () => {
        reject(errorOf(request.error));
      };
    });
  }
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(`the browser's store: ${String(error)}`);
}
