import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DocumentStore, KeptFor } from '@procurement/client';
import {
  type CommandInput,
  derOfRaw,
  type Stored,
  type StoreReceipt,
  storePossessionMessage,
  storeReceiptMessage,
  toBase64url,
} from '@procurement/protocol';

const ledger = { channel: 'procurement', chaincode: 'procurement' };

/** A store in a folder, with a key of its own for its receipts. */
export class FolderStore implements DocumentStore {
  readonly storeId: string;
  readonly #folder: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: string;

  constructor(storeId: string, folder: string) {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.storeId = storeId;
    this.#folder = folder;
    this.#privateKey = pair.privateKey;
    this.#publicKey = toBase64url(pair.publicKey.export({ format: 'der', type: 'spki' }));
  }

  /** What puts it into the register. */
  get registration(): CommandInput<'store:register'> {
    const { storeId } = this;
    const publicKey = this.#publicKey;
    const message = storePossessionMessage({ ...ledger, storeId, publicKey });
    const entry = { storeId, publicKey, url: `https://${storeId}.example` };
    return { requestId: `register-${storeId}`, ...entry, possession: this.#sign(message) };
  }

  async put(bytes: Uint8Array, about: KeptFor & Stored): Promise<StoreReceipt> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(join(this.#folder, about.ctHash), bytes);
    const { ctHash, ctLen } = about;
    const signature = this.#sign(storeReceiptMessage({ ...ledger, ...about }));
    return { store: this.storeId, ctHash, ctLen, signature };
  }

  /** The bytes under a hash. */
  get(ctHash: string): Promise<Buffer> {
    return readFile(join(this.#folder, ctHash));
  }

  #sign(message: Uint8Array): string {
    const dsaEncoding = 'ieee-p1363';
    const raw = sign('sha256', message, { key: this.#privateKey, dsaEncoding });
    return toBase64url(derOfRaw(raw));
  }
}
