/**
 * Every field of the challenge of a deal, left out one at a time: each weaker verifier is forged
 * against, so that none of the fields can be taken away unnoticed, and the real one refuses.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { concatBytes, equalBytes, fromBase64url, toBase64url } from '@procurement/protocol';
import { contextBytes } from './context';
import { combination, COMMIT_GENERATOR, dealOut, GENERATOR, secretsOf } from './deal';
import {
  add,
  multiply,
  multiplySmall,
  ready,
  reduceWide,
  scalarAdd,
  scalarInvert,
  scalarMultiply,
  scalarOf,
  scalarSubtract,
} from './group';
import {
  bidOf,
  drawn,
  sealedBy,
  type TestBid,
  tenderOf,
  type TestTender,
} from './test-support/tenders';
import { hashToScalar, u32 } from './transcript';
import { verifyDeal } from './verify';

type Name = 'ctx' | 'y' | 'C' | 'Y' | 'ctHash' | 'ctLen' | 'cmt' | 'announced';

/** Everything that a challenge is over. Lists are by seat, or by index of the coefficient. */
interface Transcript {
  readonly ctx: Uint8Array;
  readonly y: readonly Uint8Array[];
  readonly C: readonly Uint8Array[];
  readonly Y: readonly Uint8Array[];
  readonly ctHash: Uint8Array;
  readonly ctLen: number;
  readonly cmt: Uint8Array;
}

interface Proof {
  readonly e: Uint8Array;
  readonly z: readonly Uint8Array[];
}

const SEATS = [1, 2, 3];

let three: TestTender;
let honest: TestBid;
let transcript: Transcript;
let values: readonly Uint8Array[];

beforeAll(async () => {
  await ready();
  three = tenderOf({ n: 3, t: 2 });
  honest = await sealedBy(three.committee, bidOf('vendor-1'));
  const ctx = contextBytes(three.committee, honest.bid);
  const secrets = secretsOf({ ...three, context: ctx, seed: drawn('forger') })!;
  const { commitments: C, shares: Y } = dealOut(three.committee, secrets);
  const y = three.committee.seats.map((seat) => seat.y);
  const { ctHash, ctLen, cmt } = honest.sealed.envelope;
  transcript = { ctx, y, C, Y, ctLen, ctHash: fromBase64url(ctHash), cmt: fromBase64url(cmt) };
  ({ values } = secrets);
});

const random = (label: string): Uint8Array => reduceWide(drawn(`forgery/${label}`));

/** The challenge without one of its fields; with all of them where none is left out. */
function challenge(on: Transcript, announced: readonly Uint8Array[], without?: Name): Uint8Array {
  const fields: Record<Name, Uint8Array> = {
    ctx: on.ctx,
    y: concatBytes(...on.y),
    C: concatBytes(...on.C),
    Y: concatBytes(...on.Y),
    ctHash: on.ctHash,
    ctLen: u32(on.ctLen),
    cmt: on.cmt,
    announced: concatBytes(...announced),
  };
  const used = (Object.keys(fields) as Name[]).filter((name) => name !== without);
  const [first, ...rest] = used.map((name) => fields[name]);
  // Both generators stand after the context, as in the specification.
  const order =
    without === 'ctx' ? [first!, ...rest] : [first!, COMMIT_GENERATOR, GENERATOR, ...rest];
  const generators = without === 'ctx' ? [COMMIT_GENERATOR, GENERATOR] : [];
  return hashToScalar('TSEAL-V1-DEAL', ...generators, ...order);
}

/** V_i, the commitment to the share of a seat. */
const committed = (C: readonly Uint8Array[], seat: number): Uint8Array =>
  C.reduceRight((sum, one) => add(multiplySmall(seat, sum), one));

function isTaken(on: Transcript, { e, z }: Proof, without?: Name): boolean {
  const announced = SEATS.map((seat, index) =>
    concatBytes(
      combination([z[index]!, COMMIT_GENERATOR], [e, committed(on.C, seat)]),
      combination([z[index]!, on.y[index]!], [e, on.Y[index]!]),
    ),
  );
  return equalBytes(challenge(on, announced, without), e);
}

/** An honest proof of the forger's own deal, under the weaker challenge. */
function proved(without?: Name): Proof {
  const nonces = SEATS.map((seat) => random(`nonce ${seat}`));
  const announced = nonces.map((w, index) =>
    concatBytes(multiply(w, COMMIT_GENERATOR), multiply(w, transcript.y[index]!)),
  );
  const e = challenge(transcript, announced, without);
  const z = nonces.map((w, index) => scalarSubtract(w, scalarMultiply(e, values[index]!)));
  return { e, z };
}

type Forgery = () => { readonly on: Transcript; readonly proof: Proof };

/** Announces D as it likes, and afterwards chooses what would have had to come before. */
function announcedFirst(without: 'y' | 'Y'): { e: Uint8Array; z: Uint8Array[]; D: Uint8Array[] } {
  const nonces = SEATS.map((seat) => random(`nonce ${seat}`));
  const D = SEATS.map((seat) => multiply(random(`D ${seat}`), GENERATOR));
  const announced = nonces.map((w, index) => concatBytes(multiply(w, COMMIT_GENERATOR), D[index]!));
  const e = challenge(transcript, announced, without);
  const z = nonces.map((w, index) => scalarSubtract(w, scalarMultiply(e, values[index]!)));
  return { e, z, D };
}

const negated = (scalar: Uint8Array): Uint8Array =>
  scalarSubtract(scalar, scalarAdd(scalar, scalar));

const forgeries: Record<Name, Forgery> = {
  ctx: () => ({ on: { ...transcript, ctx: drawn('another tender') }, proof: proved('ctx') }),
  ctHash: () => ({
    on: { ...transcript, ctHash: drawn('other bytes').subarray(0, 32) },
    proof: proved('ctHash'),
  }),
  ctLen: () => ({ on: { ...transcript, ctLen: 4112 }, proof: proved('ctLen') }),
  cmt: () => ({
    on: { ...transcript, cmt: drawn('other text').subarray(0, 32) },
    proof: proved('cmt'),
  }),
  Y: () => {
    const { e, z, D } = announcedFirst('Y');
    const inverse = scalarInvert(e);
    // Y_i = (D_i − z_i·y_i) / e: shares of nothing.
    const Y = SEATS.map((_, index) =>
      combination(
        [inverse, D[index]!],
        [negated(scalarMultiply(inverse, z[index]!)), transcript.y[index]!],
      ),
    );
    return { on: { ...transcript, Y }, proof: { e, z } };
  },
  y: () => {
    const { e, z, D } = announcedFirst('y');
    // y_i = (D_i − e·Y_i) / z_i: the keys of a committee that nobody is in.
    const y = SEATS.map((_, index) => {
      const inverse = scalarInvert(z[index]!);
      return combination(
        [inverse, D[index]!],
        [negated(scalarMultiply(inverse, e)), transcript.Y[index]!],
      );
    });
    return { on: { ...transcript, y }, proof: { e, z } };
  },
  C: () => {
    const offsets = [random('offset 0'), random('offset 1')] as const;
    const nonces = SEATS.map((seat) => random(`nonce ${seat}`));
    const announced = nonces.map((w, index) => {
      const shift = scalarAdd(offsets[0], scalarMultiply(offsets[1], scalarOf(index + 1)));
      return concatBytes(
        multiply(scalarAdd(w, shift), COMMIT_GENERATOR),
        multiply(w, transcript.y[index]!),
      );
    });
    const e = challenge(transcript, announced, 'C');
    const z = nonces.map((w, index) => scalarSubtract(w, scalarMultiply(e, values[index]!)));
    // C_j moves by offset_j / e: it commits to another secret than the shares give.
    const C = transcript.C.map((one, index) =>
      add(one, multiply(scalarMultiply(offsets[index]!, scalarInvert(e)), COMMIT_GENERATOR)),
    );
    return { on: { ...transcript, C }, proof: { e, z } };
  },
  announced: () => {
    const Y = SEATS.map((seat) => multiply(random(`junk ${seat}`), GENERATOR));
    const on = { ...transcript, Y };
    // Nothing that depends on z is hashed, so any z will do.
    return {
      on,
      proof: { e: challenge(on, [], 'announced'), z: SEATS.map((s) => random(`z ${s}`)) },
    };
  },
};

describe('a verifier of deals', () => {
  test('with every field takes what was proved', () => {
    expect(isTaken(transcript, proved())).toBe(true);
  });

  test.each(Object.keys(forgeries) as Name[])('without %s takes a forgery', (name) => {
    const { on, proof } = forgeries[name]();
    expect(isTaken(on, proof, name)).toBe(true);
    expect(isTaken(on, proof)).toBe(false);
  });

  test.each(['Y', 'C', 'announced', 'cmt'] as const)(
    'as it is refuses the forgery that %s left out allows',
    (name) => {
      const { on, proof } = forgeries[name]();
      const envelope = {
        ...honest.sealed.envelope,
        ...{ C: on.C.map(toBase64url), Y: on.Y.map(toBase64url), cmt: toBase64url(on.cmt) },
        ...{ e: toBase64url(proof.e), z: proof.z.map(toBase64url) },
      };
      const { committee } = three;
      expect(() => verifyDeal({ committee, bid: honest.bid, envelope })).toThrow('DEAL: e');
    },
  );
});
