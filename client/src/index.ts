/** What runs on the user's own device: talk to a gateway, check what it says, seal, open. */
export {
  type CommandOutcome,
  type Opening,
  ProcurementApi,
  type Trail,
  type TrailEntry,
} from './api';
export { ApiProblem, ApiUnreachable } from './http';
export { ServiceApi } from './service-api';
export { SignedApi, type SignedApiOptions } from './signed-api';
export type { PinnedRoots } from './signing/roots';
export {
  type CryptoKey,
  importPrivateKey,
  newKeyPair,
  newSigner,
  type Signer,
} from './signing/signer';
export { BrowserKeyStore } from './keys/browser-key-store';
export { CaClient, type CaAnswer, type CaRequest } from './keys/enrolment';
export type { KeyStore, StoredKey } from './keys/key-store';
export { CheckFailed } from './check';
export { type CheckedTender, noticeHashOf, readCommittee } from './committee';
export {
  type KeyRegistration,
  makeOpening,
  makeOpeningKey,
  type OpeningKey,
  readOpeningKey,
  type RehearsalPosting,
  rehearseOpening,
  type SharesPosting,
} from './officer';
export { type ReceiptTrust, type VerifiedReceipt, verifyReceipt } from './receipts/verify-receipt';
export { type VerifiedProcedure, verifyProcedure } from './verify/verify-procedure';
export { combineAll, type CombinedBid, type Combining } from './combining';
export { type Ciphertext, type DocumentStore, type KeptFor } from './document-store';
export { listEnclosures, type OpenedEnclosure, readEnclosure } from './enclosures';
export { HttpStore } from './http-store';
export {
  type BidSecret,
  type BidSubmission,
  type Enclosure,
  type PreparedBid,
  sealBid,
  withReceipts,
  type WrittenBid,
  type WrittenTechnicalBid,
} from './sealing';
