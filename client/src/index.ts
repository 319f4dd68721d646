/** What runs on the user's own device: talk to a gateway, check what it says, seal, open. */
export {
  ApiProblem,
  ApiUnreachable,
  type CommandOutcome,
  type Opening,
  ProcurementApi,
  type Trail,
  type TrailEntry,
} from './api';
export { CheckFailed } from './check';
export { type CheckedTender, noticeHashOf, readCommittee } from './committee';
export {
  type KeyRegistration,
  makeOpening,
  makeOpeningKey,
  type OpeningKey,
  readOpeningKey,
  type SharesPosting,
} from './officer';
export {
  type BidSecret,
  type BidSubmission,
  type PreparedBid,
  sealBid,
  type WrittenBid,
} from './sealing';
