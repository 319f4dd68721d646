/**
 * Chaincode events, one per command that changed something, named for what happened. Everyone who
 * may read the channel sees them, so a payload holds ids and hashes and nothing else.
 */
import { z } from 'zod';
import { bytes32Schema, countSchema, idSchema, tenderIdSchema } from './fields';

const ofTender = z.strictObject({ tenderId: tenderIdSchema });

/** Every event and its payload, which travels as canonical JSON. */
export const EVENTS = {
  KeyRegistered: z.strictObject({ spki: bytes32Schema }),
  KeyRevocationAsked: z.strictObject({ spki: bytes32Schema }),
  KeyRevoked: z.strictObject({ spki: bytes32Schema }),
  StoreRegistered: z.strictObject({ storeId: idSchema }),
  StoreKeyReplacementAsked: z.strictObject({ storeId: idSchema, spki: bytes32Schema }),
  StoreKeyReplaced: z.strictObject({ storeId: idSchema, spki: bytes32Schema }),
  VendorRegistered: z.strictObject({ vendorId: idSchema }),
  VendorKeyRecoveryAsked: z.strictObject({ vendorId: idSchema, spki: bytes32Schema }),
  VendorKeyChanged: z.strictObject({ vendorId: idSchema, spki: bytes32Schema }),
  TenderCreated: ofTender,
  CommitteeKeyRegistered: ofTender.extend({ seat: countSchema }),
  OpeningRehearsed: ofTender.extend({ seat: countSchema }),
  TenderPublished: ofTender.extend({ noticeHash: bytes32Schema, committeeHash: bytes32Schema }),
  TenderAmended: ofTender.extend({ noticeHash: bytes32Schema }),
  TenderCancellationAsked: ofTender,
  TenderCancelled: ofTender,
  // Neither lot nor vendor: who bid for what stays with the bidder until the opening.
  BidSubmitted: ofTender.extend({ envelopeHash: bytes32Schema }),
  BidConfirmed: ofTender,
  BidWithdrawn: ofTender,
  TenderClosed: ofTender.extend({ listHash: bytes32Schema }),
  SharesPosted: ofTender.extend({ seat: countSchema, chunk: countSchema }),
  BidsCombined: ofTender,
  BidStruck: ofTender.extend({ listHash: bytes32Schema }),
  BidSelfOpened: ofTender,
  MissingRecorded: ofTender,
  TenderOpened: ofTender,
  TenderEvaluated: ofTender,
  TechnicalEvaluationAsked: ofTender,
  TechnicalEvaluationRecorded: ofTender.extend({ listHash: bytes32Schema }),
  TenderAwarded: ofTender,
} as const;

/** An event's name. */
export type EventName = keyof typeof EVENTS;

/** An event's payload. */
export type EventPayload<Name extends EventName> = Readonly<z.output<(typeof EVENTS)[Name]>>;

/** An event with its payload. */
export type LedgerEvent = {
  readonly [Name in EventName]: { readonly name: Name; readonly payload: EventPayload<Name> };
}[EventName];
