/** Derives every value of a published set again and compares it. */
import { expect } from '@jest/globals';
import {
  concatBytes,
  decodeCanonical,
  encodeCanonical,
  fromHex,
  toBase64url,
  toHex,
  utf8,
} from '@procurement/protocol';
import { bodyKeys, encrypt, pad } from '../body';
import { combine } from '../combine';
import { committeeKeyFrom, freezeCommittee } from '../committee';
import { contextBytes } from '../context';
import { COMMIT_GENERATOR, openingSecret, secretsOf } from '../deal';
import { hkdfExpand } from '../digest';
import { openDocument, sealDocument } from '../documents';
import { multiply } from '../group';
import { chunkOf, listHash, sortList } from '../list';
import { sharesFrom } from '../open';
import { sealFrom } from '../seal';
import { openOwnBid, selfOpenFrom } from '../self-open';
import { hashToScalar, u32, u8 } from '../transcript';
import { bidNameOf, envelopesInOrder, listOf, recoded } from './run-case';
import type { VectorBid, VectorSet } from './shared-vectors';

/** The records, their proofs and the committee's hash. */
export function checkCommitteeOf(set: VectorSet): void {
  const committee = freezeCommittee(set.tender);
  expect(committee.committeeHash).toBe(recoded(set.committeeHash));
  set.officers.forEach((officer, index) => {
    const key = set.tender.keys[index]!;
    const place = { ...set.tender, ...key };
    const secret = fromHex(officer.x);
    expect(committeeKeyFrom({ place, secret, random: fromHex(officer.popRnd) })).toEqual(key);
  });
}

/** One bid, value by value, from its seed to its envelope. */
export async function checkBid(set: VectorSet, vector: VectorBid): Promise<void> {
  const committee = freezeCommittee(set.tender);
  const bid = bidNameOf(vector.bid);
  const seed = fromHex(vector.seed);
  const { values } = vector;
  const context = contextBytes(committee, bid);
  expect(toHex(context)).toBe(values.ctx);
  const secrets = secretsOf({ committee, context, seed })!;
  expect(secrets.coefficients.map(toHex)).toEqual(values.poly);
  expect(secrets.values.map(toHex)).toEqual(values.p);
  expect(toHex(openingSecret(secrets))).toBe(values.S);
  const keys = bodyKeys(openingSecret(secrets), context);
  expect(toHex(keys.prk)).toBe(values.prk);
  expect(toHex(keys.key)).toBe(values.key);
  expect(toHex(keys.commitmentKey)).toBe(values.ck);
  expect(toHex(keys.contextHash)).toBe(values.aad);
  const cmt = fromHex(values.cmt);
  expect(toHex(hkdfExpand(keys.prk, concatBytes(utf8('NONCE'), cmt), 12))).toBe(values.nonce);
  checkNonces({ committee, context, seed }, values);
  const padded = pad(utf8(vector.plain), vector);
  if (values.padded !== undefined) expect(toHex(padded)).toBe(values.padded);
  await checkEnvelope(set, vector);
}

function checkNonces(deal: Parameters<typeof secretsOf>[0], values: VectorBid['values']): void {
  const { committee, context, seed } = deal;
  const bound = [context, fromHex(values.ctHash), u32(values.ctLen), fromHex(values.cmt)] as const;
  const nonces = committee.seats.map(({ seat }) =>
    hashToScalar('TSEAL-V1-NONCE', seed, ...bound, u8(seat)),
  );
  expect(nonces.map(toHex)).toEqual(values.w);
  const announced = nonces.flatMap((w, index) => [
    multiply(w, COMMIT_GENERATOR),
    multiply(w, committee.seats[index]!.y),
  ]);
  expect(toHex(concatBytes(...announced))).toBe(values.AD);
}

async function checkEnvelope(set: VectorSet, vector: VectorBid): Promise<void> {
  const committee = freezeCommittee(set.tender);
  const bid = bidNameOf(vector.bid);
  const { values } = vector;
  const { ref } = JSON.parse(vector.envelope) as { ref?: string[] };
  const plain = decodeCanonical(vector.plain);
  const request = { committee, bid, plain, bucket: vector.bucket };
  const sealed = (await sealFrom(
    ref === undefined ? request : { ...request, stores: ref },
    fromHex(vector.seed),
  ))!;
  expect(sealed.text).toBe(vector.envelope);
  expect(sealed.envelopeHash).toBe(recoded(vector.envelopeHash));
  expect(sealed.envelope.C).toEqual(values.C.map(recoded));
  expect(sealed.envelope.Y).toEqual(values.Y.map(recoded));
  expect(sealed.envelope.z).toEqual(values.z.map(recoded));
  expect(sealed.envelope.e).toBe(recoded(values.e));
  expect(sealed.envelope.ctHash).toBe(recoded(values.ctHash));
  const ct = values.ctBase64url ?? recoded(values.ct!);
  expect(toBase64url(sealed.ciphertext)).toBe(ct);
  const opened = await openOwnBid({ ...request, ...sealed });
  expect(opened).toEqual({ state: 'OPENED', secret: recoded(values.S), plain: utf8(vector.plain) });
}

/** The list and every officer's shares. */
export function checkOpening(set: VectorSet): void {
  const committee = freezeCommittee(set.tender);
  const list = listOf(set.list);
  expect(sortList([...list].reverse())).toEqual(list);
  expect(listHash(set.tender, list)).toBe(recoded(set.listHash));
  for (const open of set.opens) {
    const officer = set.officers.find(({ seat }) => seat === open.seat)!;
    const shares = sharesFrom({
      committee,
      listHash: recoded(set.listHash),
      deals: envelopesInOrder(set),
      chunk: open.chunk,
      seat: open.seat,
      secret: fromHex(officer.x),
      random: fromHex(open.rnd),
    })!;
    expect(encodeCanonical(shares)).toBe(open.message);
    expect(shares.S).toEqual(open.S.map(recoded));
    expect(shares.proof).toBe(recoded(open.proof));
  }
}

/** Results of combining, for every subset of t seats. Returns how many were tried. */
export async function checkResults(set: VectorSet): Promise<number> {
  const committee = freezeCommittee(set.tender);
  const envelopes = envelopesInOrder(set);
  let tried = 0;
  for (const [index, result] of set.results.entries()) {
    const vector = set.bids.find(({ bidKey }) => bidKey === result.bidKey)!;
    const ct = vector.values.ctBase64url;
    const ciphertext = ct === undefined ? undefined : Buffer.from(ct, 'base64url');
    for (const opens of subsets(chunkOf(set.opens, 0), set.tender.t)) {
      const outcome = await combine({
        committee,
        bid: bidNameOf(vector.bid),
        envelope: envelopes[index]!,
        ciphertext,
        shares: opens.map((open) => ({ seat: open.seat, S: recoded(open.S[index]!) })),
      });
      const { state } = result;
      expect(outcome).toEqual({ state, secret: recoded(result.S), plain: utf8(result.plain) });
      tried += 1;
    }
  }
  return tried;
}

/** The self-opening and the document. */
export async function checkSelfAndDocument(set: VectorSet): Promise<void> {
  const committee = freezeCommittee(set.tender);
  const { selfOpen, document } = set;
  const own = set.bids.find(({ bidKey }) => bidKey === selfOpen.bidKey)!;
  const bid = bidNameOf(own.bid);
  const seed = fromHex(own.seed);
  const message = selfOpenFrom({ committee, bid, seed, random: fromHex(selfOpen.rnd) })!;
  expect(encodeCanonical(message)).toBe(selfOpen.message);
  const holder = set.bids.find(({ bidKey }) => bidKey === document.bidKey)!;
  const name = bidNameOf(holder.bid);
  const secret = fromHex(holder.values.S);
  const keys = bodyKeys(secret, contextBytes(committee, name));
  const sealed = await sealDocument(keys, fromHex(document.plain));
  expect(toHex(sealed.ciphertext)).toBe(document.ct);
  expect(sealed.entry.id).toBe(recoded(document.id));
  const box = { key: fromHex(document.key), nonce: fromHex(document.nonce) };
  const extra = fromHex(document.id);
  const again = await encrypt({ ...keys, ...box, extra, message: fromHex(document.plain) });
  expect(toHex(again)).toBe(document.ct);
  const given = { committee, bid: name, secret: toBase64url(secret), ...sealed };
  expect(toHex(await openDocument(given))).toBe(document.plain);
}

/** Every subset of `size` elements. */
export function subsets<Element>(list: readonly Element[], size: number): Element[][] {
  if (size === 0) return [[]];
  return list.flatMap((first, index) =>
    subsets(list.slice(index + 1), size - 1).map((rest) => [first, ...rest]),
  );
}
