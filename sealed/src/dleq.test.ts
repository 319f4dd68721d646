import { beforeAll, describe, expect, test } from '@jest/globals';
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import * as noble from '@noble/hashes/sha2.js';
import { concatBytes, fromHex, toHex, utf8 } from '@procurement/protocol';
import fc from 'fast-check';
import { readVectors } from './test-support/own-files';
import { GENERATOR } from './deal';
import { type DleqStatement, expandMessage, proveDleq, verifyDleq } from './dleq';
import {
  IDENTITY,
  multiply,
  multiplyBase,
  pointFromUniform,
  ready,
  reduceWide,
  scalarOf,
} from './group';
import { propertySeed } from './test-support/seed';
import { drawn } from './test-support/tenders';
import { u16, u8 } from './transcript';

const vectors = readVectors('rfc9497');

const contextString = utf8(vectors.contextString);
const published = vectors.proofs.map((vector) => ({
  vector,
  statement: {
    A: GENERATOR,
    B: fromHex(vectors.B),
    C: vector.C.map(fromHex),
    D: vector.D.map(fromHex),
    contextString,
  },
}));

beforeAll(async () => {
  await ready();
});

describe('expand_message_xmd', () => {
  const { tag, cases } = readVectors('rfc9380');

  test.each(cases)('gives the $length bytes of RFC 9380 for $message', (vector) => {
    const { message, length, uniform } = vector;
    const oracle = expand_message_xmd(utf8(message), utf8(tag), length, noble.sha512);
    expect(toHex(oracle)).toBe(uniform);
    // More than a block is never asked of ours, and its tag is over the length.
    if (length <= 64) expect(toHex(expandMessage(utf8(message), utf8(tag), length))).toBe(uniform);
  });

  test(`gives the 64 bytes of a second implementation (seed ${propertySeed})`, () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const tags = fc.uint8Array({ minLength: 1, maxLength: 255 });
    fc.assert(
      fc.property(bytes, tags, (message, anyTag) => {
        const oracle = expand_message_xmd(message, anyTag, 64, noble.sha512);
        expect(toHex(expandMessage(message, anyTag))).toBe(toHex(oracle));
      }),
      { seed: propertySeed },
    );
  });
});

describe('the hashes of RFC 9497', () => {
  const { derivation, blindings } = vectors;

  test('to a scalar give the published key', () => {
    const [seed, info] = [fromHex(derivation.seed), fromHex(derivation.info)];
    const input = concatBytes(seed, u16(info.length), info, u8(0));
    const derived = expandMessage(input, concatBytes(utf8('DeriveKeyPair'), contextString));
    expect(toHex(reduceWide(derived))).toBe(vectors.k);
    expect(toHex(multiplyBase(fromHex(vectors.k)))).toBe(vectors.B);
  });

  test.each(blindings)('to the group give $blinded for $input', ({ input, blind, blinded }) => {
    const uniform = expandMessage(fromHex(input), concatBytes(utf8('HashToGroup-'), contextString));
    expect(toHex(multiply(fromHex(blind), pointFromUniform(uniform)))).toBe(blinded);
  });
});

describe('a proof of RFC 9497', () => {
  test.each(published)('comes out as published for $vector.C', ({ vector, statement }) => {
    const secrets = { k: fromHex(vectors.k), r: fromHex(vector.r) };
    const proof = proveDleq(statement, secrets)!;
    expect(toHex(concatBytes(proof.challenge, proof.response))).toBe(vector.proof);
    expect(verifyDleq(statement, proof)).toBe(true);
  });

  test('is understood in both directions by a second implementation', () => {
    const { voprf } = ristretto255_oprf;
    const keys = voprf.generateKeyPair();
    const blind = voprf.blind(utf8('a bid'));
    const { evaluated, proof } = voprf.blindEvaluate(keys.secretKey, keys.publicKey, blind.blinded);
    const statement: DleqStatement = {
      A: GENERATOR,
      B: keys.publicKey,
      C: [blind.blinded],
      D: [evaluated],
      contextString,
    };
    const theirs = { challenge: proof.slice(0, 32), response: proof.slice(32) };
    expect(verifyDleq(statement, theirs)).toBe(true);
    const mine = proveDleq(statement, { k: keys.secretKey, r: reduceWide(drawn('r')) })!;
    const output = voprf.finalize(
      utf8('a bid'),
      blind.blind,
      evaluated,
      blind.blinded,
      keys.publicKey,
      concatBytes(mine.challenge, mine.response),
    );
    expect(output).toHaveLength(64);
  });

  test('does not hold for another statement', () => {
    const k = scalarOf(5);
    const C = [multiplyBase(scalarOf(7)), multiplyBase(scalarOf(9))];
    const D = C.map((point) => multiply(k, point));
    const statement = { A: GENERATOR, B: multiplyBase(k), C, D, contextString };
    const proof = proveDleq(statement, { k, r: reduceWide(drawn('r')) })!;
    expect(verifyDleq(statement, proof)).toBe(true);
    expect(verifyDleq({ ...statement, D: [...D].reverse() }, proof)).toBe(false);
    expect(verifyDleq({ ...statement, B: GENERATOR }, proof)).toBe(false);
    expect(verifyDleq({ ...statement, contextString: utf8('other') }, proof)).toBe(false);
    expect(verifyDleq({ ...statement, C: [C[0]!], D: [D[0]!] }, proof)).toBe(false);
  });

  test('is refused where the composite is the identity', () => {
    const k = scalarOf(5);
    const C = [IDENTITY];
    const statement = { A: GENERATOR, B: multiplyBase(k), C, D: C, contextString };
    const proof = proveDleq(statement, { k, r: reduceWide(drawn('r')) })!;
    expect(verifyDleq(statement, proof)).toBe(false);
  });
});
