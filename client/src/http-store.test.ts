import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  derOfRaw,
  type Stored,
  type StoreReceipt,
  storeReceiptMessage,
  type StoreRecord,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { CheckFailed } from './check';
import { type DocumentStore, fetchStored } from './document-store';
import { HttpStore } from './http-store';
import type { SignedApi } from './signed-api';

const bytes = utf8('sealed');
const stored = {
  ctHash: toBase64url(createHash('sha256').update(bytes).digest()),
  ctLen: bytes.length,
};
const about = { bidKey: 'bid/T-1/L1/vendor-1', version: 1, ...stored };
const ledger = { channel: 'procurement', chaincode: 'procurement' };
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const record = {
  storeId: 'one',
  publicKey: toBase64url(pair.publicKey.export({ format: 'der', type: 'spki' })),
} as StoreRecord;

/** A gateway whose store signs for this version. */
function signingFor(version: number): SignedApi {
  const message = storeReceiptMessage({ ...ledger, ...about, version });
  const raw = sign('sha256', message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  const signature = toBase64url(derOfRaw(raw));
  const receipt: StoreReceipt = { store: 'one', ...stored, signature };
  return { ledger, keepStored: () => Promise.resolve(receipt) } as unknown as SignedApi;
}

function storeWith(storeId: string, get: (stored: Stored) => Promise<Uint8Array>): DocumentStore {
  return { storeId, get, put: () => Promise.reject(new RangeError('nothing is put here')) };
}

describe('the store of a gateway', () => {
  test('is believed where its registered key has signed for this version of this bid', async () => {
    const receipt = await new HttpStore(record, signingFor(1)).put(bytes, about);
    expect(receipt).toMatchObject({ store: 'one', ...stored });
  });

  test('is not believed where it signed for another version, or by another key', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const publicKey = toBase64url(other.export({ format: 'der', type: 'spki' }));
    for (const store of [
      new HttpStore(record, signingFor(2)),
      new HttpStore({ ...record, publicKey }, signingFor(1)),
    ]) {
      await expect(store.put(bytes, about)).rejects.toThrow(CheckFailed);
    }
  });
});

describe('a ciphertext', () => {
  const gone = storeWith('gone', () => Promise.reject(new Error('gone')));
  const lying = storeWith('lying', () => Promise.resolve(utf8('Sealed')));
  const short = storeWith('short', () => Promise.resolve(utf8('seal')));
  const honest = storeWith('honest', () => Promise.resolve(bytes));

  test('comes from the first store that has it', async () => {
    expect(await fetchStored([gone, lying, short, honest], stored)).toEqual(bytes);
  });

  test('is nothing else than its hash and length say', async () => {
    await expect(fetchStored([gone, lying], stored)).rejects.toThrow(
      'lying gave something else than asked for',
    );
    await expect(fetchStored([short], stored)).rejects.toThrow(CheckFailed);
    await expect(fetchStored([lying, gone], stored)).rejects.toThrow('gone');
    await expect(fetchStored([], stored)).rejects.toThrow('no store has signed for it');
  });
});
