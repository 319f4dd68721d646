import { beforeAll, describe, expect, test } from '@jest/globals';
import { fromBase64url, toBase64url, utf8 } from '@procurement/protocol';
import fc from 'fast-check';
import type { SealCode } from './codes';
import { type Committee, recallCommittee, type TenderContext } from './committee';
import type { BidName } from './context';
import { openDocument } from './documents';
import type { Envelope } from './envelope';
import { multiplyBase, ready, scalarOf } from './group';
import { seal } from './seal';
import { openOwnBid } from './self-open';
import { propertySeed } from './test-support/seed';
import {
  bidOf,
  drawn32,
  sealedBy,
  type TestBid,
  tenderOf,
  type TestTender,
} from './test-support/tenders';
import { checkSubmission, verifyDeal } from './verify';

let three: TestTender;
let bid: TestBid;

beforeAll(async () => {
  await ready();
  three = tenderOf({ n: 3, t: 2 });
  bid = await sealedBy(three.committee, bidOf('vendor-1'));
});

/** The code of the refusal, or OK. */
function answer(claim: {
  committee?: Committee;
  bid?: BidName;
  envelope?: string | object;
  lastVersion?: number;
}): SealCode | 'OK' {
  try {
    const envelope = bid.sealed.text;
    const given = { committee: three.committee, bid: bid.bid, envelope, lastVersion: 0 };
    checkSubmission({ ...given, ...claim });
    return 'OK';
  } catch (error) {
    return (error as { code: SealCode }).code;
  }
}

describe('a sealed bid', () => {
  test('is taken as text and as object, with one hash', () => {
    const { envelope, text, envelopeHash } = bid.sealed;
    const given = { committee: three.committee, bid: bid.bid };
    expect(verifyDeal({ ...given, envelope: text }).envelopeHash).toBe(envelopeHash);
    expect(verifyDeal({ ...given, envelope }).envelopeHash).toBe(envelopeHash);
  });

  test('is another one each time, even for the same bid', async () => {
    const request = { committee: three.committee, bid: bid.bid, plain: { amount: '1' } };
    const [first, second] = [await seal(request), await seal(request)];
    expect(first.seed).not.toEqual(second.seed);
    expect(first.envelope.ctHash).not.toBe(second.envelope.ctHash);
    expect(answer({ envelope: first.text })).toBe('OK');
    expect(answer({ envelope: second.text })).toBe('OK');
  });

  test('hides its size up to the bucket asked for', async () => {
    const request = { committee: three.committee, bid: bid.bid, plain: {} };
    expect((await seal({ ...request, bucket: 16384 })).envelope.ctLen).toBe(16400);
    await expect(seal({ ...request, bucket: 2000 })).rejects.toThrow(RangeError);
    const long = { text: 'x'.repeat(65536) };
    await expect(seal({ ...request, plain: long })).rejects.toThrow(RangeError);
  });

  test('above 16 KiB names two stores and carries no bytes', async () => {
    const request = {
      committee: three.committee,
      bid: bid.bid,
      plain: { text: 'x'.repeat(20000) },
    };
    await expect(seal(request)).rejects.toMatchObject({ code: 'FORMAT', item: 'ref' });
    const sealed = await seal({ ...request, stores: ['store-a', 'store-b'] });
    expect(sealed.envelope).toMatchObject({ ref: ['store-a', 'store-b'], ctLen: 65552 });
    expect(answer({ envelope: sealed.text })).toBe('OK');
    const own = { ...request, ...sealed, envelope: sealed.envelope };
    expect(await openOwnBid({ ...own, ciphertext: sealed.ciphertext })).toMatchObject({
      state: 'OPENED',
    });
  });

  test('carries a member named __proto__ like any other', async () => {
    const plain = JSON.parse('{"__proto__":{"amount":"1"},"lot":"L1"}') as object;
    const sealed = await seal({ committee: three.committee, bid: bid.bid, plain });
    const opened = await openOwnBid({ committee: three.committee, bid: bid.bid, ...sealed });
    expect(opened).toMatchObject({
      state: 'OPENED',
      plain: utf8('{"__proto__":{"amount":"1"},"lot":"L1"}'),
    });
  });

  test('lists documents that only its keys open', async () => {
    const { committee } = three;
    const document = utf8('bill of quantities');
    const sealed = await seal({
      committee,
      bid: bid.bid,
      documents: [document],
      plain: (documents) => ({ documents: documents.map(({ entry }) => entry) }),
    });
    const opened = await openOwnBid({ committee, bid: bid.bid, ...sealed });
    const [first] = sealed.documents;
    const given = { committee, bid: bid.bid, secret: opened.secret, ...first! };
    expect(await openDocument(given)).toEqual(document);
    const secret = drawn32('another secret');
    await expect(openDocument({ ...given, secret })).rejects.toMatchObject({ code: 'FORMAT' });
    const ciphertext = Uint8Array.from(given.ciphertext).fill(0, 0, 1);
    await expect(openDocument({ ...given, ciphertext })).rejects.toMatchObject({ code: 'CT_HASH' });
  });

  test('works for the largest committee', async () => {
    const { committee } = tenderOf({ n: 15, t: 8 });
    const large = await sealedBy(committee, bidOf('vendor-15'));
    expect(answer({ committee, bid: large.bid, envelope: large.sealed.text })).toBe('OK');
  });
});

describe('an envelope is refused', () => {
  const contexts: { name: string; change: Partial<TenderContext> }[] = [
    { name: 'channel', change: { channel: 'other' } },
    { name: 'chaincode', change: { chaincode: 'other' } },
    { name: 'tender', change: { tenderId: 'T-other' } },
  ];
  test.each(contexts)('in another $name', ({ change }) => {
    expect(answer({ committee: recallCommittee({ ...three.tender, ...change }) })).toBe('DEAL');
  });

  test('under a committee that differs in one key, certificate, name or order', () => {
    const [first, second, third] = three.tender.keys;
    const altered = [
      [{ ...first!, y: toBase64url(multiplyBase(scalarOf(5))) }, second!, third!],
      [{ ...first!, spki: drawn32('another certificate') }, second!, third!],
      [{ ...first!, mspId: 'OtherMSP' }, second!, third!],
      [second!, first!, third!],
    ];
    for (const keys of altered) {
      expect(answer({ committee: recallCommittee({ ...three.tender, keys }) })).toBe('DEAL');
    }
  });

  const names: { name: string; change: Partial<BidName> }[] = [
    { name: 'lot', change: { lotId: 'L2' } },
    { name: 'vendor', change: { vendorId: 'vendor-2' } },
    { name: 'certificate', change: { vendorSpki: 'A'.repeat(43) } },
  ];
  test.each(names)('for another $name', ({ change }) => {
    expect(answer({ bid: { ...bid.bid, ...change } })).toBe('DEAL');
  });

  test('for another version, and where the version is not the next', () => {
    expect(answer({ bid: { ...bid.bid, version: 2 }, lastVersion: 1 })).toBe('DEAL');
    expect(answer({ lastVersion: 1 })).toBe('VERSION');
    expect(answer({ bid: { ...bid.bid, version: -1 } })).toBe('FORMAT');
    expect(answer({ bid: { ...bid.bid, lotId: 'L/1' } })).toBe('FORMAT');
  });

  test('with any one value that the challenge covers changed alone', async () => {
    const other = (await sealedBy(three.committee, bidOf('vendor-2'))).sealed.envelope;
    const { envelope } = bid.sealed;
    const swapped = (list: readonly string[], from: readonly string[], index: number): string[] =>
      list.map((element, place) => (place === index ? from[index]! : element));
    const changes: Partial<Envelope>[] = [
      { cmt: other.cmt },
      { ct: other.ct!, ctHash: other.ctHash },
      { e: other.e },
      ...envelope.C.map((_, index) => ({ C: swapped(envelope.C, other.C, index) })),
      ...envelope.Y.map((_, index) => ({ Y: swapped(envelope.Y, other.Y, index) })),
      ...envelope.z.map((_, index) => ({ z: swapped(envelope.z, other.z, index) })),
    ];
    for (const change of changes)
      expect(answer({ envelope: { ...envelope, ...change } })).toBe('DEAL');
    const longer = { ...envelope, ct: undefined, ctLen: 65552, ref: ['a', 'b'] };
    expect(answer({ envelope: JSON.parse(JSON.stringify(longer)) as object })).toBe('DEAL');
    expect(answer({ envelope: { ...envelope, ctLen: 4112 } })).toBe('CT_LEN');
  });

  test(`for any one bit flipped (2,000 flips, seed ${propertySeed})`, () => {
    const { envelope } = bid.sealed;
    const fields = ['C', 'Y', 'z', 'e', 'cmt', 'ct', 'ctHash'] as const;
    const flips = fc.tuple(fc.constantFrom(...fields), fc.nat(14), fc.nat());
    fc.assert(
      fc.property(flips, ([field, element, bit]) => {
        const flipped = { ...envelope, [field]: flippedIn(envelope[field]!, element, bit) };
        expect(answer({ envelope: flipped })).not.toBe('OK');
      }),
      { seed: propertySeed, numRuns: 2000 },
    );
  });
});

function flippedIn(
  value: string | readonly string[],
  element: number,
  bit: number,
): string | string[] {
  if (typeof value === 'string') return flippedText(value, bit);
  const chosen = element % value.length;
  return value.map((text, index) => (index === chosen ? flippedText(text, bit) : text));
}

function flippedText(text: string, bit: number): string {
  const bytes = fromBase64url(text);
  const place = bit % (8 * bytes.length);
  bytes[place >> 3]! ^= 1 << (place & 7);
  return toBase64url(bytes);
}
