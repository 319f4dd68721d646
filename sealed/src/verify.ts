/** What the ledger asks of an envelope before it takes it (TSEAL-V1 section 6). */
import { concatBytes, equalBytes } from '@procurement/protocol';
import { demand } from './codes';
import { checkNames, type Committee } from './committee';
import { type BidName, checkBidName, contextBytes } from './context';
import { at, combination, COMMIT_GENERATOR, committedShares, dealChallenge } from './deal';
import { sha256 } from './digest';
import { checkPoint, checkScalar } from './elements';
import {
  type Deal,
  INLINE_LENGTH_MAX,
  isCiphertextLength,
  readEnvelope,
  type ReadEnvelope,
} from './envelope';
import { add, isZero, multiply } from './group';

/** An envelope together with what it claims to be for. */
export interface Sealed {
  readonly committee: Committee;
  readonly bid: BidName;
  /** Canonical JSON text, or the object that such a text held. */
  readonly envelope: string | object;
}

/**
 * The eight checks of a submission, in order: FORMAT, COUNT, CT_LEN, SCALAR, POINT and IDENTITY,
 * CT_HASH, VERSION, DEAL.
 * @param submission.lastVersion the version recorded last under this bid key, 0 where there is none
 * @returns the envelope decoded, and its hash
 * @throws {SealError}
 */
export function checkSubmission(
  submission: Sealed & { readonly lastVersion: number },
): ReadEnvelope {
  const { committee, bid } = submission;
  const read = checkEnvelope(submission);
  demand(bid.version === submission.lastVersion + 1, 'VERSION', 'version');
  checkDeal({ committee, bid, deal: read.deal });
  return read;
}

/**
 * The same checks without the version, for whoever holds an envelope and doubts it: a vendor before
 * sending, an officer before opening, an auditor at any time.
 * @throws {SealError}
 */
export function verifyDeal(sealed: Sealed): ReadEnvelope {
  const read = checkEnvelope(sealed);
  checkDeal({ committee: sealed.committee, bid: sealed.bid, deal: read.deal });
  return read;
}

function checkEnvelope({ committee, bid, envelope }: Sealed): ReadEnvelope {
  const read = readEnvelope(envelope);
  checkNames(committee);
  checkBidName(bid);
  checkCounts(read.deal, committee);
  checkLengths(read.deal);
  checkScalar(read.deal.challenge, 'e');
  checkEach(read.deal.responses, 'z', 1, checkScalar);
  checkEach(read.deal.commitments, 'C', 0, checkPoint);
  checkEach(read.deal.shares, 'Y', 1, checkPoint);
  checkCiphertext(read.deal);
  return read;
}

function checkCounts({ commitments, shares, responses }: Deal, { n, t }: Committee): void {
  demand(commitments.length === t, 'COUNT', 'C');
  demand(shares.length === n, 'COUNT', 'Y');
  demand(responses.length === n, 'COUNT', 'z');
}

function checkLengths({ ct, ctLen }: Deal): void {
  demand(isCiphertextLength(ctLen), 'CT_LEN', 'ctLen');
  demand((ct !== undefined) === ctLen <= INLINE_LENGTH_MAX, 'CT_LEN', 'ct or ref');
  demand(ct === undefined || ct.length === ctLen, 'CT_LEN', 'ct');
}

function checkEach(
  elements: readonly Uint8Array[],
  name: string,
  firstIndex: number,
  check: (element: Uint8Array, item: string) => void,
): void {
  elements.forEach((element, index) => {
    check(element, `${name}_${index + firstIndex}`);
  });
}

function checkCiphertext({ ct, ctHash }: Deal): void {
  demand(ct === undefined || equalBytes(sha256(ct), ctHash), 'CT_HASH', 'ctHash');
}

function checkDeal(claim: {
  readonly committee: Committee;
  readonly bid: BidName;
  readonly deal: Deal;
}): void {
  const { committee, bid, deal } = claim;
  const { challenge, commitments } = deal;
  const committed = committedShares({ commitments, factor: challenge, count: committee.n });
  const announced = committee.seats.map(({ seat, y }, index) => {
    const challenged = at(committed, index);
    // e·V_i is the identity where V_i is, and only there, as e is not zero.
    demand(!isZero(challenged), 'DEAL', `V_${seat}`);
    const response = at(deal.responses, index);
    return concatBytes(
      add(multiply(response, COMMIT_GENERATOR), challenged),
      combination([response, y], [challenge, at(deal.shares, index)]),
    );
  });
  const context = contextBytes(committee, bid);
  const expected = dealChallenge({ committee, context, statement: deal, announced });
  demand(equalBytes(expected, challenge), 'DEAL', 'e');
}
