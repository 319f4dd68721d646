/** The dealer's arithmetic: polynomial, shares and the proof that they fit (TSEAL-V1 4 and 5). */
import { concatBytes, fromHex } from '@procurement/protocol';
import type { Committee } from './committee';
import type { Deal } from './envelope';
import {
  add,
  isZero,
  multiply,
  multiplyBase,
  multiplySmall,
  scalarAdd,
  scalarMultiply,
  scalarOf,
  scalarSubtract,
} from './group';
import { hashToScalar, u32, u8 } from './transcript';

/** Generator of the commitments: the hash to the group of `commit generator`. */
export const COMMIT_GENERATOR: Uint8Array = fromHex(
  '9c3b92739eacb708b40ed6c7c251cdd8fd096669fdc4ef2995198efef9d5ef51',
);
/** The generator of RFC 9496, on which keys and shares live. */
export const GENERATOR: Uint8Array = fromHex(
  'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76',
);

/** What the dealer alone knows. */
export interface Secrets {
  /** Coefficients a_0 … a_{t−1}. */
  readonly coefficients: readonly Uint8Array[];
  /** Values p(1) … p(n). */
  readonly values: readonly Uint8Array[];
}

/** What the proof is about besides the committee. */
export type Statement = Pick<Deal, 'commitments' | 'shares' | 'cmt' | 'ctHash' | 'ctLen'>;

/** The secret polynomial of a seed; undefined where one of its values is zero. */
export function secretsOf(deal: {
  readonly committee: Committee;
  readonly context: Uint8Array;
  readonly seed: Uint8Array;
}): Secrets | undefined {
  const { committee, context, seed } = deal;
  const coefficients = Array.from({ length: committee.t }, (_, index) =>
    hashToScalar('TSEAL-V1-POLY', seed, context, u8(index)),
  );
  const values = committee.seats.map(({ seat }) => evaluate(coefficients, seat));
  return [...coefficients, ...values].some(isZero) ? undefined : { coefficients, values };
}

/** The key that opens the bid: S = a_0·B. */
export function openingSecret({ coefficients }: Secrets): Uint8Array {
  return multiplyBase(constantTerm(coefficients));
}

/** a_0. */
export function constantTerm(coefficients: readonly Uint8Array[]): Uint8Array {
  const [constant] = coefficients;
  if (constant === undefined) throw new RangeError('a polynomial has at least one coefficient');
  return constant;
}

/** Commitments C_j = a_j·g and encrypted shares Y_i = p(i)·y_i. */
export function dealOut(
  committee: Committee,
  secrets: Secrets,
): Pick<Deal, 'commitments' | 'shares'> {
  return {
    commitments: secrets.coefficients.map((a) => multiply(a, COMMIT_GENERATOR)),
    shares: committee.seats.map(({ y }, index) => multiply(at(secrets.values, index), y)),
  };
}

/** The proof of a deal; undefined where it would send a zero. */
export function proveDeal(deal: {
  readonly committee: Committee;
  readonly context: Uint8Array;
  readonly seed: Uint8Array;
  readonly secrets: Secrets;
  readonly statement: Statement;
}): Pick<Deal, 'challenge' | 'responses'> | undefined {
  const { committee, context, seed, secrets, statement } = deal;
  const bound = [context, statement.ctHash, u32(statement.ctLen), statement.cmt] as const;
  const nonces = committee.seats.map(({ seat }) =>
    hashToScalar('TSEAL-V1-NONCE', seed, ...bound, u8(seat)),
  );
  const announced = committee.seats.map(({ y }, index) => {
    const nonce = at(nonces, index);
    return concatBytes(multiply(nonce, COMMIT_GENERATOR), multiply(nonce, y));
  });
  const challenge = dealChallenge({ committee, context, statement, announced });
  const responses = nonces.map((nonce, index) =>
    scalarSubtract(nonce, scalarMultiply(challenge, at(secrets.values, index))),
  );
  return [challenge, ...responses].some(isZero) ? undefined : { challenge, responses };
}

/** The challenge e over everything that a deal consists of; `announced` holds A_i ‖ D_i by seat. */
export function dealChallenge(transcript: {
  readonly committee: Committee;
  readonly context: Uint8Array;
  readonly statement: Statement;
  readonly announced: readonly Uint8Array[];
}): Uint8Array {
  const { committee, context, statement, announced } = transcript;
  return hashToScalar(
    'TSEAL-V1-DEAL',
    context,
    COMMIT_GENERATOR,
    GENERATOR,
    concatBytes(...committee.seats.map(({ y }) => y)),
    concatBytes(...statement.commitments),
    concatBytes(...statement.shares),
    statement.ctHash,
    u32(statement.ctLen),
    statement.cmt,
    concatBytes(...announced),
  );
}

/**
 * factor·p(1)·g … factor·p(count)·g, from the commitments to the coefficients of p.
 *
 * Every commitment is multiplied once, and one value is stepped to from the last by differences:
 * a step is as many additions as p has degrees, where another multiplication would cost more.
 */
export function committedShares(wanted: {
  readonly commitments: readonly Uint8Array[];
  readonly factor: Uint8Array;
  readonly count: number;
}): Uint8Array[] {
  const { commitments, factor, count } = wanted;
  const differences = differencesAtOne(commitments.map((one) => multiply(factor, one)));
  const shares = [at(differences, 0)];
  while (shares.length < count) {
    for (let order = 0; order + 1 < differences.length; order += 1) {
      differences[order] = add(at(differences, order), at(differences, order + 1));
    }
    shares.push(at(differences, 0));
  }
  return shares;
}

/** Element of a list whose length was checked before. */
export function at<Element>(list: readonly Element[], index: number): Element {
  const element = list[index];
  if (element === undefined) throw new RangeError(`no element ${index}`);
  return element;
}

/** Sum of two products: left.scalar·left.point + right.scalar·right.point. */
export function combination(
  left: readonly [Uint8Array, Uint8Array],
  right: readonly [Uint8Array, Uint8Array],
): Uint8Array {
  return add(multiply(...left), multiply(...right));
}

/**
 * Forward differences of a polynomial at 1, from its coefficients: by synthetic division through
 * (x−1), (x−2) and so on, then by the factorials that Newton's form leaves out.
 */
function differencesAtOne(coefficients: readonly Uint8Array[]): Uint8Array[] {
  const differences = [...coefficients];
  for (let node = 1; node < coefficients.length; node += 1) {
    for (let order = coefficients.length - 2; order >= node - 1; order -= 1) {
      const carried = multiplySmall(node, at(differences, order + 1));
      differences[order] = add(at(differences, order), carried);
    }
  }
  let factorial = 1;
  return differences.map((difference, order) => {
    factorial *= Math.max(order, 1);
    return multiplySmall(factorial, difference);
  });
}

function evaluate(coefficients: readonly Uint8Array[], seat: number): Uint8Array {
  const point = scalarOf(seat);
  return coefficients.reduceRight((sum, a) => scalarAdd(scalarMultiply(sum, point), a));
}
