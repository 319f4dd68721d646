/** Opening by the vendor, where too few officers post (TSEAL-V1 section 10). */
import {
  concatBytes,
  fromBase64url,
  lengthPrefixed,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { demand } from './codes';
import { type Openable, openWith, type Outcome } from './combine';
import type { Committee } from './committee';
import { bidKeyIn, type BidName, contextBytes } from './context';
import {
  at,
  COMMIT_GENERATOR,
  constantTerm,
  GENERATOR,
  openingSecret,
  type Secrets,
  secretsOf,
} from './deal';
import { sha256 } from './digest';
import { type DleqStatement, proveDleq, verifyDleq } from './dleq';
import { checkPoint } from './elements';
import type { Envelope } from './envelope';
import { multiply } from './group';
import { checkProofScalars, decodeProof, encodeProof } from './open';
import { freshBytes } from './random';
import { hashToScalar } from './transcript';
import { checkMembers, readBytes, readMessage } from './wire';

const PROOF_LENGTH = 64;

/** A vendor's own opening of its bid. Bytes are base64url. */
export interface SelfOpen {
  readonly S: string;
  readonly bidKey: string;
  readonly proof: string;
}

/** A bid whose vendor still has the seed. */
export interface OwnBid {
  readonly committee: Committee;
  readonly bid: BidName;
  readonly seed: Uint8Array;
}

/** @throws {RangeError} where the seed never sealed this bid */
export function makeSelfOpen(own: OwnBid): SelfOpen {
  for (;;) {
    const message = selfOpenFrom({ ...own, random: freshBytes(32) });
    if (message !== undefined) return message;
  }
}

/** A self-opening under given randomness; for {@link makeSelfOpen} and test vectors only. */
export function selfOpenFrom(own: OwnBid & { readonly random: Uint8Array }): SelfOpen | undefined {
  const { committee, bid, random } = own;
  const secrets = ownSecrets(own);
  const k = constantTerm(secrets.coefficients);
  const statement = selfStatement({
    context: contextBytes(committee, bid),
    commitment: multiply(k, COMMIT_GENERATOR),
    secret: openingSecret(secrets),
  });
  const r = hashToScalar('TSEAL-V1-SELFNONCE', k, random, statement.contextString);
  const proof = proveDleq(statement, { k, r });
  if (proof === undefined) return undefined;
  const S = toBase64url(at(statement.D, 0));
  return { S, bidKey: bidKeyIn(committee, bid), proof: encodeProof(proof) };
}

/**
 * Checks a self-opening, in the order FORMAT, STATE, SCALAR, POINT, IDENTITY, SELF.
 * @param posting.isOpenable whether the list is fixed and holds this bid in this version, and the
 * bid has no final state
 * @throws {SealError}
 */
export function checkSelfOpen(posting: {
  readonly committee: Committee;
  readonly bid: BidName;
  readonly envelope: Pick<Envelope, 'C'>;
  readonly message: string | object;
  readonly isOpenable: boolean;
}): SelfOpen {
  const { committee, bid } = posting;
  const message = readSelfOpen(posting.message);
  demand(posting.isOpenable, 'STATE', 'bid');
  demand(message.bidKey === bidKeyIn(committee, bid), 'STATE', 'bidKey');
  const proof = decodeProof(message.proof);
  checkProofScalars(proof);
  const secret = fromBase64url(message.S);
  checkPoint(secret, 'S');
  const commitment = fromBase64url(at(posting.envelope.C, 0));
  const context = contextBytes(committee, bid);
  const statement = selfStatement({ context, commitment, secret });
  demand(verifyDleq(statement, proof), 'SELF', 'proof');
  return message;
}

/**
 * The vendor's look at its own bid, with nobody's help.
 * @throws {SealError} MISSING or CT_HASH
 * @throws {RangeError} where the seed never sealed this bid
 */
export async function openOwnBid(own: OwnBid & Openable): Promise<Outcome> {
  return openWith(own, toBase64url(openingSecret(ownSecrets(own))));
}

/** @throws {SealError} FORMAT, and nothing else */
export function readSelfOpen(message: string | object): SelfOpen {
  const members = readMessage(message, 'SelfOpen');
  checkMembers(members, { required: ['S', 'bidKey', 'proof'] });
  readBytes(members['S'], 'S');
  readBytes(members['proof'], 'proof', PROOF_LENGTH);
  demand(typeof members['bidKey'] === 'string', 'FORMAT', 'bidKey');
  return members as unknown as SelfOpen;
}

function ownSecrets({ committee, bid, seed }: OwnBid): Secrets {
  const secrets = secretsOf({ committee, context: contextBytes(committee, bid), seed });
  if (secrets === undefined) throw new RangeError('this seed never sealed a bid');
  return secrets;
}

function selfStatement(claim: {
  readonly context: Uint8Array;
  readonly commitment: Uint8Array;
  readonly secret: Uint8Array;
}): DleqStatement {
  const { context, commitment, secret } = claim;
  const fields = lengthPrefixed('TSEAL-V1-SELF', context, commitment, secret);
  return {
    A: COMMIT_GENERATOR,
    B: commitment,
    C: [GENERATOR],
    D: [secret],
    contextString: concatBytes(utf8('TSEAL-V1-SELF-'), sha256(fields)),
  };
}
