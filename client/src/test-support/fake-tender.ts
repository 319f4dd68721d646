/** A published tender as a gateway would tell of it, with a committee of three. */
import {
  type ListedBid,
  type QueryResult,
  toBase64url,
  type TenderView,
} from '@procurement/protocol';
import { freezeCommittee, listHash, makeCommitteeKey, sortList } from '@procurement/sealed';
import type { ProcurementApi } from '../api';
import { noticeHashOf } from '../committee';
import type { BidSubmission } from '../sealing';

const MSP_IDS = ['MinistryMSP', 'AuditorMSP', 'VendorMSP'] as const;
const fact = {
  at: '2026-01-01T00:00:00.000Z',
  by: { mspId: 'MinistryMSP' as const, spki: spkiOf(200) },
  transactionId: 'a'.repeat(64),
};

/** SHA-256 of somebody's key, for tests: 32 times one byte, base64url. */
export function spkiOf(byte: number): string {
  return toBase64url(new Uint8Array(32).fill(byte));
}

/** A tender, its committee's view and the officers' secrets by seat. */
export interface FakeTender {
  readonly tender: TenderView;
  readonly view: QueryResult<'tender:committee'>;
  readonly secrets: readonly Uint8Array[];
}

/** Makes a published tender with lot L1 and two of three seats to open. */
export async function newFakeTender(tenderId = 'T-1'): Promise<FakeTender> {
  const place = { channel: 'procurement', chaincode: 'procurement', tenderId };
  const seats = MSP_IDS.map((mspId, index) => ({
    seat: index + 1,
    mspId,
    spki: spkiOf(index + 1),
  }));
  const made = seats.map((appointment) => ({
    ...makeCommitteeKey({ ...place, ...appointment }),
    mspId: appointment.mspId,
  }));
  const records = made.map(({ key, mspId }) => ({ ...key, mspId }));
  const { committeeHash } = freezeCommittee({ ...place, n: 3, t: 2, keys: records });
  const draft: TenderView = {
    schema: 'tender/1',
    state: 'published',
    tenderId,
    title: 'A road',
    description: 'A road of one kilometre.',
    buyer: { agency: 'MoIT', name: 'Ministry' },
    currency: 'BTN',
    items: [{ itemId: 'I1', description: 'Gravel', unit: 'm3', quantity: '10' }],
    lots: [{ lotId: 'L1', title: 'All of it', itemIds: ['I1'] }],
    documents: [],
    deadline: '2026-01-02T00:00:00.000Z',
    graceMs: 1000,
    committee: { t: 2, seats },
    awardCriterion: 'lowest-evaluated-amount',
    created: fact,
  };
  const noticeHash = await noticeHashOf(draft, committeeHash);
  const published = { ...fact, noticeHash, committeeHash, committeeKeys: records };
  const view = { ...place, n: 3, t: 2, records, committeeHash, noticeHash };
  return { tender: { ...draft, published }, view, secrets: made.map(({ secret }) => secret) };
}

/** A bid for lot L1, as a vendor writes it. */
export const written = {
  lotId: 'L1',
  lines: [{ itemId: 'I1', quantity: '10', rate: '100', amount: '1000' }],
  total: '1000',
};

/**
 * A gateway that tells vendor-1 of the tender while bids are taken.
 * @param answers further ones by method, or others in place of these
 */
export function apiOf({ tender, view }: FakeTender, answers: object = {}): ProcurementApi {
  const usual = {
    tender: () => tender,
    committee: () => view,
    bids: () => ({ tenderId: tender.tenderId, complete: false, bids: [] }),
    me: () => ({ mspId: 'VendorMSP', spki: spkiOf(9), role: 'vendor', vendorId: 'vendor-1' }),
  };
  return { ...usual, ...answers } as unknown as ProcurementApi;
}

/** The tender after its close, and the list that the close fixed. */
export function closedWith(
  { tender, view }: FakeTender,
  bids: readonly (BidSubmission & { vendorId: string; vendorSpki: string; envelopeHash: string })[],
): { readonly tender: TenderView; readonly list: QueryResult<'opening:list'> } {
  const { tenderId } = tender;
  const listed = sortList(
    bids.map(({ lotId, vendorId, vendorSpki, version, envelope, envelopeHash }) => ({
      bidKey: `bid/${tenderId}/${lotId}/${vendorId}`,
      ...{ lotId, vendorId, vendorSpki, version, envelopeHash },
      envelope: envelope as ListedBid['envelope'],
    })),
  );
  const hash = listHash(view, listed);
  const closed = { ...tender, state: 'closed' as const, closed: fact };
  return {
    tender: { ...closed, listFixed: { ...fact, listHash: hash } },
    list: { tenderId, listHash: hash, count: listed.length, chunks: 1, bids: listed },
  };
}
