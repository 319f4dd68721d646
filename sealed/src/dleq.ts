/**
 * Proof that one secret joins many pairs of points: GenerateProof and VerifyProof of RFC 9497
 * section 2.2 for ristretto255-SHA512, under a context string of the caller.
 */
import { concatBytes, equalBytes, utf8 } from '@procurement/protocol';
import { at, combination } from './deal';
import { sha512 } from './digest';
import {
  add,
  IDENTITY,
  isZero,
  multiply,
  reduceWide,
  scalarMultiply,
  scalarSubtract,
} from './group';
import { u16, u8 } from './transcript';

/** That `B = k·A` and `D_j = k·C_j` for every j. Names as in the RFC; all points are encodings. */
export interface DleqStatement {
  readonly A: Uint8Array;
  readonly B: Uint8Array;
  readonly C: readonly Uint8Array[];
  readonly D: readonly Uint8Array[];
  readonly contextString: Uint8Array;
}

/** Challenge and response, 32 bytes each. */
export interface DleqProof {
  readonly challenge: Uint8Array;
  readonly response: Uint8Array;
}

const SHA512_BLOCK_LENGTH = 128;
const UNIFORM_LENGTH = 64;

/**
 * Proves a statement with the secret `k` and the random scalar `r`, which must never be used for
 * another statement; undefined where the proof would hold a zero.
 */
export function proveDleq(
  statement: DleqStatement,
  { k, r }: { readonly k: Uint8Array; readonly r: Uint8Array },
): DleqProof | undefined {
  const weights = compositeWeights(statement);
  const M = weightedSum(weights, statement.C);
  const Z = multiply(k, M);
  const commitments = [multiply(r, statement.A), multiply(r, M)];
  const challenge = dleqChallenge(statement, [M, Z, ...commitments]);
  const response = scalarSubtract(r, scalarMultiply(challenge, k));
  return [r, challenge, response].some(isZero) ? undefined : { challenge, response };
}

/** Whether a proof holds. A composite that is the identity would prove nothing and is refused. */
export function verifyDleq(statement: DleqStatement, { challenge, response }: DleqProof): boolean {
  const weights = compositeWeights(statement);
  const M = weightedSum(weights, statement.C);
  const Z = weightedSum(weights, statement.D);
  if (isZero(M) || isZero(Z)) return false;
  const commitments = [
    combination([response, statement.A], [challenge, statement.B]),
    combination([response, M], [challenge, Z]),
  ];
  return equalBytes(dleqChallenge(statement, [M, Z, ...commitments]), challenge);
}

/**
 * expand_message_xmd with SHA-512 (RFC 9380 section 5.3.1).
 * @param length at most 64 bytes, which is one block
 */
export function expandMessage(
  message: Uint8Array,
  tag: Uint8Array,
  length = UNIFORM_LENGTH,
): Uint8Array {
  const tagPrime = concatBytes(tag, u8(tag.length));
  const seed = sha512(
    concatBytes(new Uint8Array(SHA512_BLOCK_LENGTH), message, u16(length), u8(0), tagPrime),
  );
  return sha512(concatBytes(seed, u8(1), tagPrime)).subarray(0, length);
}

function compositeWeights({ B, C, D, contextString }: DleqStatement): Uint8Array[] {
  const seedTag = concatBytes(utf8('Seed-'), contextString);
  const seed = sha512(prefixed(B, seedTag));
  return C.map((point, index) => {
    const pair = concatBytes(u16(index), prefixed(point, at(D, index)));
    const input = concatBytes(prefixed(seed), pair, utf8('Composite'));
    return hashToScalarOf(input, contextString);
  });
}

function weightedSum(weights: readonly Uint8Array[], points: readonly Uint8Array[]): Uint8Array {
  return points.reduce(
    (sum, point, index) => add(sum, multiply(at(weights, index), point)),
    IDENTITY,
  );
}

function dleqChallenge(statement: DleqStatement, points: readonly Uint8Array[]): Uint8Array {
  const input = concatBytes(prefixed(statement.B, ...points), utf8('Challenge'));
  return hashToScalarOf(input, statement.contextString);
}

function hashToScalarOf(input: Uint8Array, contextString: Uint8Array): Uint8Array {
  const tag = concatBytes(utf8('HashToScalar-'), contextString);
  return reduceWide(expandMessage(input, tag));
}

/** Each part after its length as two bytes, as the RFC frames its transcripts. */
function prefixed(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts.flatMap((part) => [u16(part.length), part]));
}
