/** Named attacks on envelopes, shares, keys and self-openings, each refused with its own code. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { encodeCanonical, fromBase64url, toBase64url } from '@procurement/protocol';
import { combine, combineShares } from './combine';
import { type CommitteeKey, freezeCommittee } from './committee';
import type { Envelope } from './envelope';
import { ready } from './group';
import { checkShares, makeShares, type OpenShares } from './open';
import { checkSelfOpen, makeSelfOpen, type SelfOpen } from './self-open';
import { propertySeed } from './test-support/seed';
import {
  bidOf,
  drawn32,
  listedIn,
  sealedBy,
  type TestBid,
  type TestList,
  tenderOf,
  type TestTender,
} from './test-support/tenders';
import { checkSubmission } from './verify';

const ZERO = 'A'.repeat(43);
/** The order of the group, little-endian: the first number that is no scalar. */
const ORDER = toBase64url(
  Uint8Array.from(
    Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'),
  ),
);
const NO_POINT = `${'_'.repeat(42)}8`;
const FLIPS = Number(process.env['CRYPTO_FLIPS'] ?? 5000);

let five: TestTender;
let other: TestTender;
let one: TestBid;
let two: TestBid;
let list: TestList;
let shares: OpenShares;
let sharesOfTwo: OpenShares;
let self: SelfOpen;

beforeAll(async () => {
  await ready();
  five = tenderOf({ n: 5, t: 3 });
  other = tenderOf({ n: 5, t: 3 }, 'T-other');
  one = await sealedBy(five.committee, bidOf('vendor-1'));
  two = await sealedBy(five.committee, bidOf('vendor-2'));
  list = listedIn(five.committee, [one, two]);
  shares = sharesOf(1);
  sharesOfTwo = sharesOf(2);
  self = makeSelfOpen({ committee: five.committee, bid: one.bid, seed: one.sealed.seed });
});

function sharesOf(seat: number, tender = five): OpenShares {
  return makeShares({
    ...{ committee: tender.committee, listHash: list.listHash, chunk: 0, seat },
    deals: list.bids.map(({ sealed }) => sealed.envelope),
    secret: tender.secrets[seat - 1]!,
  });
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'OK';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const submitted = (envelope: object, change: object = {}): string =>
  codeOf(() =>
    checkSubmission({
      ...{ committee: five.committee, bid: one.bid, envelope, lastVersion: 0 },
      ...change,
    }),
  );
const envelopeWith = (change: (envelope: Envelope) => object): string =>
  submitted({ ...one.sealed.envelope, ...change(one.sealed.envelope) });
const posted = (message: object, change: object = {}): string =>
  codeOf(() =>
    checkShares({
      ...{ committee: five.committee, message },
      list: { listHash: list.listHash, count: 2 },
      deals: list.bids.map(({ sealed }) => sealed.envelope),
      posterSpki: five.tender.keys[0]!.spki,
      isAccepted: false,
      ...change,
    }),
  );
const sharesWith = (change: object): string => posted({ ...shares, ...change });
const selfOpened = (message: object, change: object = {}): string =>
  codeOf(() =>
    checkSelfOpen({
      ...{ committee: five.committee, bid: one.bid, envelope: one.sealed.envelope, message },
      isOpenable: true,
      ...change,
    }),
  );
const frozen = (change: (keys: readonly CommitteeKey[]) => readonly CommitteeKey[]): string =>
  codeOf(() => freezeCommittee({ ...five.tender, keys: change(five.tender.keys) }));
const swapped = <Value>(values: readonly Value[]): Value[] => [
  values[1]!,
  values[0]!,
  ...values.slice(2),
];
const first = <Value>(values: readonly Value[], value: Value): Value[] => [
  value,
  ...values.slice(1),
];
const halves = (proof: string, half: 0 | 1, value: string): string => {
  const bytes = Uint8Array.from(fromBase64url(proof));
  bytes.set(fromBase64url(value), half * 32);
  return toBase64url(bytes);
};

const attacks: readonly (readonly [string, string, () => string])[] = [
  ['an envelope of another vendor', 'DEAL', () => submitted(two.sealed.envelope)],
  ['a bid for another lot', 'DEAL', () => named({ lotId: 'L2' })],
  ['a bid under another vendor', 'DEAL', () => named({ vendorId: 'vendor-2' })],
  ['a bid under another key', 'DEAL', () => named({ vendorSpki: drawn32('other') })],
  ['a bid as a later version', 'DEAL', () => named({ version: 2 }, 1)],
  ['a version skipped', 'VERSION', () => named({ version: 3 })],
  ['a version repeated', 'VERSION', () => named({}, 1)],
  ['a lot that is no id', 'FORMAT', () => named({ lotId: 'L/2' })],
  ['a bid for another tender', 'DEAL', () => submittedTo(other)],
  ['a bid on another channel', 'DEAL', () => submittedOn({ channel: 'elsewhere' })],
  ['a bid to another chaincode', 'DEAL', () => submittedOn({ chaincode: 'elsewhere' })],
  ['commitments swapped', 'DEAL', () => envelopeWith(({ C }) => ({ C: swapped(C) }))],
  ['shares swapped', 'DEAL', () => envelopeWith(({ Y }) => ({ Y: swapped(Y) }))],
  ['responses swapped', 'DEAL', () => envelopeWith(({ z }) => ({ z: swapped(z) }))],
  ['commitments of another bid', 'DEAL', () => fromTwo('C')],
  ['shares of another bid', 'DEAL', () => fromTwo('Y')],
  ['a commitment to another text', 'DEAL', () => fromTwo('cmt')],
  ['a challenge of another bid', 'DEAL', () => fromTwo('e')],
  ['responses of another bid', 'DEAL', () => fromTwo('z')],
  ['a ciphertext of another bid', 'CT_HASH', () => fromTwo('ct')],
  ['a hash of another ciphertext', 'CT_HASH', () => fromTwo('ctHash')],
  ['ciphertext and hash of another bid', 'DEAL', () => withCiphertextOfTwo()],
  [
    'a share replaced by a commitment',
    'DEAL',
    () => envelopeWith(({ C, Y }) => ({ Y: first(Y, C[0]!) })),
  ],
  [
    'a share that is the identity',
    'IDENTITY',
    () => envelopeWith(({ Y }) => ({ Y: first(Y, ZERO) })),
  ],
  ['a share that is no point', 'POINT', () => envelopeWith(({ Y }) => ({ Y: first(Y, NO_POINT) }))],
  [
    'a commitment that is the identity',
    'IDENTITY',
    () => envelopeWith(({ C }) => ({ C: first(C, ZERO) })),
  ],
  [
    'a highest coefficient of zero',
    'IDENTITY',
    () => envelopeWith(({ C }) => ({ C: [C[0], C[1], ZERO] })),
  ],
  [
    'a commitment that is no point',
    'POINT',
    () => envelopeWith(({ C }) => ({ C: first(C, NO_POINT) })),
  ],
  ['a degree too high', 'COUNT', () => envelopeWith(({ C }) => ({ C: [...C, C[0]] }))],
  ['a degree too low', 'COUNT', () => envelopeWith(({ C }) => ({ C: C.slice(1) }))],
  ['a seat left out', 'COUNT', () => envelopeWith(({ Y }) => ({ Y: Y.slice(1) }))],
  ['a response left out', 'COUNT', () => envelopeWith(({ z }) => ({ z: z.slice(1) }))],
  ['a response of zero', 'SCALAR', () => envelopeWith(({ z }) => ({ z: first(z, ZERO) }))],
  ['a response of the order', 'SCALAR', () => envelopeWith(({ z }) => ({ z: first(z, ORDER) }))],
  ['a challenge of zero', 'SCALAR', () => envelopeWith(() => ({ e: ZERO }))],
  ['a challenge of the order', 'SCALAR', () => envelopeWith(() => ({ e: ORDER }))],
  [
    'a tag cut off',
    'CT_LEN',
    () => envelopeWith(({ ct }) => ({ ct: toBase64url(fromBase64url(ct!).subarray(0, -1)) })),
  ],
  ['a length that is no bucket', 'CT_LEN', () => envelopeWith(() => ({ ctLen: 1041 }))],
  ['a length of another bucket', 'CT_LEN', () => envelopeWith(() => ({ ctLen: 4112 }))],
  ['another suite', 'FORMAT', () => envelopeWith(() => ({ suite: 'none' }))],
  ['another version of the form', 'FORMAT', () => envelopeWith(() => ({ v: 2 }))],
  ['a member too many', 'FORMAT', () => envelopeWith(() => ({ more: 1 }))],
  ['bytes and stores at once', 'FORMAT', () => envelopeWith(() => ({ ref: ['a', 'b'] }))],
  ['padded base64', 'FORMAT', () => envelopeWith(({ e }) => ({ e: `${e}=` }))],
  ['text that is not canonical', 'FORMAT', () => submitted(` ${one.sealed.text}` as never)],
  ['shares of another seat', 'SEAT', () => sharesWith({ seat: 2 })],
  ['a seat that does not exist', 'SEAT', () => sharesWith({ seat: 6 })],
  ['shares posted by another', 'SEAT', () => posted(sharesOfTwo)],
  ['shares for another list', 'LIST', () => sharesWith({ listHash: ZERO })],
  ['shares for a chunk that is not', 'CHUNK', () => sharesWith({ chunk: 1 })],
  ['shares for a chunk below zero', 'CHUNK', () => sharesWith({ chunk: -1 })],
  ['shares posted twice', 'REPEAT', () => posted(shares, { isAccepted: true })],
  ['shares before the list is fixed', 'STATE', () => posted(shares, { list: undefined })],
  ['shares replayed from another tender', 'STATE', () => sharesWith({ tenderId: 'T-other' })],
  ['a bid left out of the shares', 'COUNT', () => sharesWith({ S: shares.S.slice(1) })],
  ['a bid twice in the shares', 'COUNT', () => sharesWith({ S: [...shares.S, shares.S[0]] })],
  ['shares in another order', 'OPEN', () => sharesWith({ S: swapped(shares.S) })],
  ['one share for two bids', 'OPEN', () => sharesWith({ S: [shares.S[0], shares.S[0]] })],
  ['shares that another seat made', 'OPEN', () => sharesWith({ S: sharesOfTwo.S })],
  ['a proof that another seat made', 'OPEN', () => sharesWith({ proof: sharesOfTwo.proof })],
  [
    'a share that is the identity, posted',
    'IDENTITY',
    () => sharesWith({ S: first(shares.S, ZERO) }),
  ],
  ['a share that is no point, posted', 'POINT', () => sharesWith({ S: first(shares.S, NO_POINT) })],
  [
    'a proof whose challenge is zero',
    'SCALAR',
    () => sharesWith({ proof: halves(shares.proof, 0, ZERO) }),
  ],
  [
    'a proof whose response is the order',
    'SCALAR',
    () => sharesWith({ proof: halves(shares.proof, 1, ORDER) }),
  ],
  [
    'a key without its proof',
    'POP',
    () => frozen((keys) => first(keys, { ...keys[0]!, pop: keys[1]!.pop })),
  ],
  [
    'a key of another, claimed',
    'POP',
    () => frozen((keys) => first(keys, { ...keys[0]!, y: drawnPoint() })),
  ],
  [
    'a key registered twice',
    'DUPLICATE',
    () => frozen((keys) => first(keys, { ...keys[0]!, y: keys[1]!.y })),
  ],
  [
    'an officer in two seats',
    'DUPLICATE',
    () => frozen((keys) => first(keys, { ...keys[0]!, spki: keys[1]!.spki })),
  ],
  ['seats in another order', 'SEAT', () => frozen(swapped)],
  ['a seat without a key', 'SIZE', () => frozen((keys) => keys.slice(1))],
  [
    'a key that is the identity',
    'IDENTITY',
    () => frozen((keys) => first(keys, { ...keys[0]!, y: ZERO })),
  ],
  ['a key of another tender', 'FORMAT', () => frozen((keys) => first(keys, other.tender.keys[0]!))],
  ['a self-opening of a finished bid', 'STATE', () => selfOpened(self, { isOpenable: false })],
  ['a self-opening of another bid', 'STATE', () => selfOpened(self, two)],
  ['a self-opening with another secret', 'SELF', () => selfOpened({ ...self, S: shares.S[0]! })],
  [
    'a self-opening for other commitments',
    'SELF',
    () => selfOpened(self, { envelope: two.sealed.envelope }),
  ],
  ['a self-opening with the identity', 'IDENTITY', () => selfOpened({ ...self, S: ZERO })],
  ['a self-opening with no point', 'POINT', () => selfOpened({ ...self, S: NO_POINT })],
  [
    'a self-opening with a proof of zeros',
    'SCALAR',
    () => selfOpened({ ...self, proof: 'A'.repeat(86) }),
  ],
  [
    'one share too few',
    'FEW',
    () => codeOf(() => combineShares(five.committee, secretsOfSeats(1, 2))),
  ],
];

function named(change: object, lastVersion = 0): string {
  return submitted(one.sealed.envelope, { bid: { ...one.bid, ...change }, lastVersion });
}

function submittedTo({ committee }: TestTender): string {
  return submitted(one.sealed.envelope, { committee });
}

function submittedOn(place: object): string {
  return submitted(one.sealed.envelope, { committee: { ...five.committee, ...place } });
}

function fromTwo(member: keyof Envelope): string {
  return envelopeWith(() => ({ [member]: two.sealed.envelope[member] }));
}

function withCiphertextOfTwo(): string {
  const { ct, ctHash } = two.sealed.envelope;
  return envelopeWith(() => ({ ct, ctHash }));
}

function drawnPoint(): string {
  return other.tender.keys[0]!.y;
}

function secretsOfSeats(...seats: readonly number[]): { seat: number; S: string }[] {
  return seats.map((seat) => ({ seat, S: sharesOf(seat).S[0]! }));
}

describe('an attack', () => {
  test('is refused for itself: what it began from is taken', () => {
    expect([submitted(one.sealed.envelope), posted(shares), selfOpened(self)]).toEqual([
      ...['OK', 'OK', 'OK'],
    ]);
    expect(frozen((keys) => keys)).toBe('OK');
  });

  test('has a name of its own, and there are at least sixty', () => {
    expect(new Set(attacks.map(([name]) => name)).size).toBe(attacks.length);
    expect(attacks.length).toBeGreaterThanOrEqual(60);
  });

  test.each(attacks)('by %s is refused with %s', (_name, code, attack) => {
    expect(attack()).toBe(code);
  });

  test('by shares of one seat too few gives no key', async () => {
    const given = secretsOfSeats(1, 2);
    const twice = [...given, { ...given[1]!, seat: 3 }];
    const { bid, sealed } = one;
    const outcome = await combine({
      ...{ committee: five.committee, bid, envelope: sealed.envelope, shares: twice },
    });
    expect(outcome.state).toBe('INVALID_GCM');
  });
});

describe(`one bit flipped (seed ${propertySeed})`, () => {
  /** A small generator (xorshift32), so that a run repeats from its seed. */
  function generator(seed: number): (below: number) => number {
    let state = seed | 1;
    return (below) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    };
  }

  test(`in envelope, shares, key or self-opening is never taken, ${FLIPS} times`, () => {
    const next = generator(propertySeed);
    const targets: readonly (readonly [object, (message: object) => string])[] = [
      [one.sealed.envelope, (message) => submitted(message)],
      [shares, (message) => posted(message)],
      [five.tender.keys[0]!, (key) => frozen((keys) => first(keys, key as CommitteeKey))],
      [self, (message) => selfOpened(message)],
    ];
    const taken: string[] = [];
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const [message, check] = targets[next(targets.length)]!;
      const bytes = Buffer.from(encodeCanonical(message));
      const position = next(bytes.length);
      bytes[position] = bytes[position]! ^ (1 << next(7));
      let changed: object;
      try {
        changed = JSON.parse(bytes.toString()) as object;
      } catch {
        continue;
      }
      if (check(changed) === 'OK') taken.push(bytes.toString());
    }
    expect(taken).toEqual([]);
  });
});
