/**
 * Sealed bids by TSEAL-V1: a vendor deals the secret of one bid to n officers, any t of whom open
 * it after the close; everyone can check the deal when it is handed in and every share when it is
 * posted. Await {@link ready} once before anything else. THREATS.md says what is not promised.
 */
export { ready } from './group';
export { SEAL_CODES, type SealCode, SealError } from './codes';
export {
  type Appointment,
  checkRegistration,
  type Committee,
  type CommitteeKey,
  freezeCommittee,
  makeCommitteeKey,
  type NewCommitteeKey,
  readCommitteeKey,
  recallCommittee,
  type Seat,
  SEATS_MAX,
  type TenderContext,
  type TenderName,
  THRESHOLD_MIN,
} from './committee';
export { type BidName } from './context';
export {
  BUCKETS,
  type Envelope,
  envelopeHashOf,
  readEnvelope,
  type ReadEnvelope,
} from './envelope';
export { checkSubmission, type Sealed, verifyDeal } from './verify';
export { seal, type SealedBid, type SealRequest } from './seal';
export { type DocumentEntry, openDocument, type SealedDocument } from './documents';
export {
  CHUNK_SIZE,
  chunkCount,
  chunkOf,
  chunkPlace,
  type FirstEnvelope,
  type ListEntry,
  listHash,
  secondList,
  sortList,
} from './list';
export {
  checkShares,
  type Dealt,
  type FixedList,
  makeShares,
  type OpenShares,
  readOpenShares,
} from './open';
export {
  combine,
  COMBINE_MAX,
  combineShares,
  type Openable,
  openWith,
  type Outcome,
  type SeatShare,
} from './combine';
export { checkRehearsal, makeRehearsal, type RehearsalOf } from './rehearsal';
export { compareTickets, ticket } from './tie';
export {
  checkSelfOpen,
  makeSelfOpen,
  openOwnBid,
  type OwnBid,
  readSelfOpen,
  type SelfOpen,
} from './self-open';
