/** One repository for each record; the only list of which schema lies under which key. */
import {
  approvalRecordSchema,
  awardRecordSchema,
  bidEvaluationRecordSchema,
  bidHeadRecordSchema,
  bidListRecordSchema,
  bidOutcomeRecordSchema,
  bidRecordSchema,
  bidSlotRecordSchema,
  committeeKeyRecordSchema,
  keyRecordSchema,
  openingKeyReferenceSchema,
  openingProgressRecordSchema,
  rankingRecordSchema,
  rehearsalRecordSchema,
  requestRecordSchema,
  sharesRecordSchema,
  storeRecordSchema,
  technicalEvaluationRecordSchema,
  tenderRecordSchema,
  vendorRecordSchema,
  vendorReferenceSchema,
} from '@procurement/protocol';
import { BidDocuments } from './bid-documents';
import { Repository } from './repository';
import type { State } from './state';

/** Records of one transaction. The parts of each key are listed in `keys.ts`. */
export class Repositories {
  readonly keys;
  readonly approvals;
  readonly vendors;
  readonly vendorOwners;
  readonly vendorLicences;
  readonly stores;
  readonly tenders;
  readonly committeeKeys;
  readonly openingKeys;
  readonly rehearsals;
  readonly bidSlots;
  readonly bidHeads;
  readonly bids;
  readonly bidLists;
  readonly openingProgress;
  readonly shares;
  readonly bidOutcomes;
  readonly bidDocuments;
  readonly bidEvaluations;
  readonly technicalEvaluations;
  readonly rankings;
  readonly awards;
  readonly requests;

  constructor(state: State) {
    this.keys = new Repository(state, 'key', keyRecordSchema);
    this.approvals = new Repository(state, 'approval', approvalRecordSchema);
    this.vendors = new Repository(state, 'vendor', vendorRecordSchema);
    this.vendorOwners = new Repository(state, 'vendorOwner', vendorReferenceSchema);
    this.vendorLicences = new Repository(state, 'vendorLicence', vendorReferenceSchema);
    this.stores = new Repository(state, 'store', storeRecordSchema);
    this.tenders = new Repository(state, 'tender', tenderRecordSchema);
    this.committeeKeys = new Repository(state, 'committeeKey', committeeKeyRecordSchema);
    this.openingKeys = new Repository(state, 'openingKey', openingKeyReferenceSchema);
    this.rehearsals = new Repository(state, 'rehearsal', rehearsalRecordSchema);
    this.bidSlots = new Repository(state, 'bidSlot', bidSlotRecordSchema);
    this.bidHeads = new Repository(state, 'bidHead', bidHeadRecordSchema);
    this.bids = new Repository(state, 'bid', bidRecordSchema);
    this.bidLists = new Repository(state, 'bidList', bidListRecordSchema);
    this.openingProgress = new Repository(state, 'openingProgress', openingProgressRecordSchema);
    this.shares = new Repository(state, 'shares', sharesRecordSchema);
    this.bidOutcomes = new Repository(state, 'bidOutcome', bidOutcomeRecordSchema);
    this.bidDocuments = new BidDocuments(state);
    this.bidEvaluations = new Repository(state, 'bidEvaluation', bidEvaluationRecordSchema);
    this.technicalEvaluations = new Repository(
      state,
      'technicalEvaluation',
      technicalEvaluationRecordSchema,
    );
    this.rankings = new Repository(state, 'ranking', rankingRecordSchema);
    this.awards = new Repository(state, 'award', awardRecordSchema);
    this.requests = new Repository(state, 'request', requestRecordSchema);
  }
}
