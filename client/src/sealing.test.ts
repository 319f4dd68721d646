import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
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
import { sealBid } from './sealing';
import { type FakeTender, newFakeTender, spkiOf } from './test-support/fake-tender';

const file = { title: 'Method', mediaType: 'text/plain', bytes: utf8('Roller first, gravel then') };
const written = {
  lotId: 'L1',
  lines: [{ itemId: 'I1', quantity: '10', rate: '100', amount: '1000' }],
  total: '1000',
};

let fake: FakeTender;

beforeAll(async () => {
  await ready();
  fake = await newFakeTender();
});

/** A store in memory. Its receipts are unsigned: whether they hold is for the ledger. */
function storeNamed(storeId: string, kept = new Map<string, Uint8Array>()): DocumentStore {
  return {
    storeId,
    put: (bytes, { ctHash, ctLen, bidKey, version }) => {
      kept.set(`${ctHash} ${bidKey} ${version}`, bytes);
      return Promise.resolve({ store: storeId, ctHash, ctLen, signature: 'A'.repeat(96) });
    },
  };
}

function api(): ProcurementApi {
  const answers = {
    me: () => ({ mspId: 'VendorMSP', spki: spkiOf(9), role: 'vendor', vendorId: 'vendor-1' }),
    bids: () => ({ tenderId: 'T-1', complete: false, bids: [] }),
    tender: () => fake.tender,
    committee: () => fake.view,
  };
  return answers as unknown as ProcurementApi;
}

describe('sealing a bid with documents', () => {
  test('keeps each in both stores, and lists them so that they open with the bid', async () => {
    const kept = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()] as const;
    const stores = [storeNamed('one', kept[0]), storeNamed('two', kept[1])];
    const request = { api: api(), tenderId: 'T-1', written, documents: [file], stores };
    const { submission, secret } = await sealBid(request);
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
    const stores = [storeNamed('one'), storeNamed('two')];
    const request = { api: api(), tenderId: 'T-1', written, stores, bucket: 65_536 };
    const { submission } = await sealBid(request);
    expect(submission.envelope).toMatchObject({ ref: ['one', 'two'], ctLen: 65_552 });
    expect(submission.receipts).toHaveLength(2);
    expect(submission.documents).toBeUndefined();
  });

  test('needs two stores', async () => {
    for (const stores of [[], [storeNamed('one')], [storeNamed('one'), storeNamed('one')]]) {
      const request = { api: api(), tenderId: 'T-1', written, documents: [file], stores };
      await expect(sealBid(request)).rejects.toThrow(CheckFailed);
    }
  });

  test('refuses a receipt for something else', async () => {
    const liar = storeNamed('two');
    const put: DocumentStore['put'] = async (bytes, about) => ({
      ...(await liar.put(bytes, about)),
      ctLen: 1,
    });
    const stores = [storeNamed('one'), { storeId: 'two', put }];
    const request = { api: api(), tenderId: 'T-1', written, documents: [file], stores };
    await expect(sealBid(request)).rejects.toThrow('two signed for something else');
  });
});
