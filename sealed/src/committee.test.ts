import { beforeAll, describe, expect, test } from '@jest/globals';
import { fromBase64url, toBase64url } from '@procurement/protocol';
import type { SealCode } from './codes';
import {
  checkRegistration,
  type CommitteeKey,
  freezeCommittee,
  makeCommitteeKey,
  type TenderContext,
} from './committee';
import { isScalar, multiplyBase, ready } from './group';
import { drawn32, keyOf, tenderOf } from './test-support/tenders';

const place = { channel: 'procurement', chaincode: 'procurement', tenderId: 'T-1' };
let key: CommitteeKey;

beforeAll(async () => {
  await ready();
  key = keyOf(place, 1).key;
});

async function registered(
  change: Partial<Parameters<typeof checkRegistration>[0]>,
): Promise<SealCode | 'OK'> {
  const { mspId, spki, seat } = keyOf(place, 1).key;
  try {
    await checkRegistration({
      tender: place,
      key,
      signer: { mspId, spki },
      appointments: [{ mspId, spki, seat }],
      isKeyTaken: () => Promise.resolve(false),
      ...change,
    });
    return 'OK';
  } catch (error) {
    return (error as { code: SealCode }).code;
  }
}

describe('a new key', () => {
  test('has a secret of its own and a proof that holds', async () => {
    const { mspId, spki, seat } = key;
    const [first, second] = [1, 2].map(() => makeCommitteeKey({ ...place, mspId, spki, seat }));
    expect(isScalar(first!.secret)).toBe(true);
    expect(toBase64url(multiplyBase(first!.secret))).toBe(first!.key.y);
    expect(first!.key.y).not.toBe(second!.key.y);
    expect(await registered({ key: first!.key })).toBe('OK');
  });

  test('is not made for a name that is no id', () => {
    const { mspId, spki, seat } = key;
    const wrong = { ...place, tenderId: 'T/1', mspId, spki, seat };
    expect(() => makeCommitteeKey(wrong)).toThrow(expect.objectContaining({ code: 'FORMAT' }));
  });
});

describe('a registration', () => {
  test('is taken from the officer whom the notice appoints', async () => {
    expect(await registered({})).toBe('OK');
    expect(await registered({ key: JSON.stringify(key) })).toBe('OK');
  });

  test('is refused with SIGNER from anybody else or for another seat', async () => {
    const { mspId, spki } = key;
    const signer = { mspId, spki: drawn32('another') };
    expect(await registered({ signer })).toBe('SIGNER');
    expect(await registered({ signer: { mspId: 'OtherMSP', spki } })).toBe('SIGNER');
    expect(await registered({ appointments: [{ mspId, spki, seat: 2 }] })).toBe('SIGNER');
    expect(await registered({ appointments: [] })).toBe('SIGNER');
  });

  test('is refused with DUPLICATE for a key used before, ahead of a bad proof', async () => {
    const isKeyTaken = (y: string): Promise<boolean> => Promise.resolve(y === key.y);
    expect(await registered({ isKeyTaken })).toBe('DUPLICATE');
    const bad = { ...key, pop: keyOf(place, 2).key.pop };
    expect(await registered({ key: bad, isKeyTaken })).toBe('DUPLICATE');
    expect(await registered({ key: bad })).toBe('POP');
  });

  test('is refused for values out of form before anything is compared', async () => {
    const zeros = toBase64url(new Uint8Array(32));
    expect(await registered({ key: { ...key, y: zeros } })).toBe('IDENTITY');
    expect(await registered({ key: { ...key, y: toBase64url(bytes32(255)) } })).toBe('POINT');
    expect(await registered({ key: { ...key, pop: toBase64url(new Uint8Array(64)) } })).toBe(
      'SCALAR',
    );
    expect(await registered({ key: { ...key, tenderId: 'T-2' } })).toBe('FORMAT');
    expect(await registered({ key: { ...key, more: 1 } })).toBe('FORMAT');
    expect(await registered({ key: { ...key, seat: 256 } })).toBe('FORMAT');
    expect(await registered({ key: [] })).toBe('FORMAT');
    expect(await registered({ key: `${JSON.stringify(key)} ` })).toBe('FORMAT');
  });
});

describe('a committee', () => {
  function frozen(change: Partial<TenderContext>): SealCode | 'OK' {
    try {
      freezeCommittee({ ...tenderOf({ n: 5, t: 3 }).tender, ...change });
      return 'OK';
    } catch (error) {
      return (error as { code: SealCode }).code;
    }
  }

  test('has from 3 to 15 seats of which no more than half and one open', () => {
    expect(frozen({})).toBe('OK');
    expect(frozen({ t: 4 })).toBe('SIZE');
    expect(frozen({ t: 1 })).toBe('SIZE');
    expect(frozen({ n: 16 })).toBe('SIZE');
    expect(frozen({ keys: [] })).toBe('SIZE');
    expect(frozen(tenderOf({ n: 15, t: 8 }).tender)).toBe('OK');
  });

  test('leaves no organisation able to open or to prevent it alone', () => {
    const held = (mspIds: readonly string[]): SealCode | 'OK' => {
      const keys = mspIds.map(
        (mspId, index) =>
          makeCommitteeKey({ ...place, mspId, seat: index + 1, spki: drawn32(`c${index}`) }).key,
      );
      return frozen({ ...place, n: mspIds.length, t: 3, keys });
    };
    expect(held(['A', 'A', 'B', 'B', 'C'])).toBe('OK');
    expect(held(['A', 'A', 'A', 'B', 'C'])).toBe('ORG');
    expect(held(['A', 'A', 'A', 'B', 'B', 'C'])).toBe('ORG');
  });

  test('knows a key by its bytes', () => {
    const { tender } = tenderOf({ n: 5, t: 3 });
    const [first, second, ...rest] = tender.keys;
    const twin = { ...second!, y: toBase64url(fromBase64url(first!.y)) };
    expect(frozen({ keys: [first!, twin, ...rest] })).toBe('DUPLICATE');
  });
});

function bytes32(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}
