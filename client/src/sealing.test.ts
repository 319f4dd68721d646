import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  bidDocumentSchema,
  decodeCanonical,
  fromBase64url,
  fromUtf8,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { freezeCommittee, openDocument, openOwnBid, ready } from '@procurement/sealed';
import type { ProcurementApi } from './api';
import { CheckFailed } from './check';
import type { DocumentStore } from './document-store';
import { sealBid, withReceipts } from './sealing';
import { apiOf, type FakeTender, newFakeTender, written } from './test-support/fake-tender';

const file = { title: 'Method', mediaType: 'text/plain', bytes: utf8('Roller first, gravel then') };

let fake: FakeTender;
/** Names of the registered stores. */
let register: string[];

beforeAll(async () => {
  await ready();
  fake = await newFakeTender();
});

beforeEach(() => {
  register = ['one', 'two', 'three'];
});

/** A store in memory. Its receipts are unsigned: whether they hold is for others. */
function storeNamed(storeId: string, kept = new Map<string, Uint8Array>()): DocumentStore {
  return {
    storeId,
    put: (bytes, { ctHash, ctLen, bidKey, version }) => {
      kept.set(`${ctHash} ${bidKey} ${version}`, bytes);
      return Promise.resolve({ store: storeId, ctHash, ctLen, signature: 'A'.repeat(96) });
    },
    get: () => Promise.reject(new RangeError('nothing is asked for here')),
  };
}

function api(): ProcurementApi {
  return apiOf(fake, { stores: () => ({ stores: register.map((storeId) => ({ storeId })) }) });
}

describe('sealing a bid with documents', () => {
  test('keeps each in both stores, and lists them so that they open with the bid', async () => {
    const kept = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()] as const;
    const stores = [storeNamed('one', kept[0]), storeNamed('two', kept[1])];
    const prepared = await sealBid({ api: api(), tenderId: 'T-1', written, documents: [file] });
    expect(prepared).toMatchObject({ stores: ['one', 'two'], submission: { version: 1 } });
    expect(kept.map(({ size }) => size)).toEqual([0, 0]);
    const submission = await withReceipts(prepared, stores);
    const { secret } = prepared;
    const committee = freezeCommittee({ ...fake.view, keys: fake.view.records });
    const { bid, seed } = secret;
    const envelope = submission.envelope as never;
    const own = { committee, bid, envelope, seed: fromBase64url(seed) };
    const opened = await openOwnBid(own);
    if (opened.state !== 'OPENED') throw new Error(opened.state);
    const document = bidDocumentSchema.parse(decodeCanonical(fromUtf8(opened.plain)));
    const [{ sha256, ctHash, ctLen }] = document.documents as [(typeof document.documents)[0]];
    expect(submission.documents).toEqual([{ ctHash, ctLen }]);
    expect(submission.receipts?.map(({ store }) => store)).toEqual(['one', 'two']);
    const ciphertext = kept[1].get(`${ctHash} bid/T-1/L1/vendor-1 1`)!;
    expect(kept[0].get(`${ctHash} bid/T-1/L1/vendor-1 1`)).toEqual(ciphertext);
    expect(toBase64url(createHash('sha256').update(ciphertext).digest())).toBe(ctHash);
    const entry = { id: sha256, ctHash, ctLen };
    const place = { committee, bid, secret: opened.secret, entry, ciphertext };
    expect(await openDocument(place)).toEqual(file.bytes);
  });

  test('puts a bid that is too long for the ledger itself into both stores', async () => {
    const names = ['two', 'three'];
    const request = { api: api(), tenderId: 'T-1', written, stores: names, bucket: 65_536 };
    const submission = await withReceipts(
      await sealBid(request),
      names.map((name) => storeNamed(name)),
    );
    expect(submission.envelope).toMatchObject({ ref: names, ctLen: 65_552 });
    expect(submission.receipts).toHaveLength(2);
    expect(submission.documents).toBeUndefined();
  });

  test('needs two stores', async () => {
    for (const stores of [[], ['one'], ['one', 'one']]) {
      const request = { api: api(), tenderId: 'T-1', written, documents: [file], stores };
      await expect(sealBid(request)).rejects.toThrow(CheckFailed);
    }
    register = ['one'];
    const request = { api: api(), tenderId: 'T-1', written, documents: [file] };
    await expect(sealBid(request)).rejects.toThrow(CheckFailed);
  });

  test('hands nothing to stores that it was not sealed for', async () => {
    const kept = new Map<string, Uint8Array>();
    const prepared = await sealBid({ api: api(), tenderId: 'T-1', written, documents: [file] });
    const stores = [storeNamed('one', kept), storeNamed('three', kept)];
    await expect(withReceipts(prepared, stores)).rejects.toThrow(CheckFailed);
    expect(kept.size).toBe(0);
  });

  test('asks for no store where everything fits on the ledger', async () => {
    register = [];
    const prepared = await sealBid({ api: api(), tenderId: 'T-1', written });
    expect(prepared).toMatchObject({ stores: [], ciphertexts: [] });
    expect(await withReceipts(prepared, [])).toBe(prepared.submission);
  });

  test('refuses a receipt for something else', async () => {
    const liar = storeNamed('two');
    const put: DocumentStore['put'] = async (bytes, about) => ({
      ...(await liar.put(bytes, about)),
      ctLen: 1,
    });
    const stores = [storeNamed('one'), { ...liar, put }];
    const prepared = await sealBid({ api: api(), tenderId: 'T-1', written, documents: [file] });
    await expect(withReceipts(prepared, stores)).rejects.toThrow('two signed for something else');
  });
});
