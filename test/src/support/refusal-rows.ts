/** Requests that must be refused, and how. */
import { expect } from '@jest/globals';
import type { BidSubmission } from '@procurement/client';
import type { RawRequest } from './http';
import type { RefusalWorld } from './refusal-world';

type Body = (world: RefusalWorld) => unknown;

/** A request that must be refused, and how. */
export interface Refusal {
  readonly what: string;
  /** Name in the wallet; nobody by default. */
  readonly by?: string;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: Body;
  readonly raw?: Partial<RawRequest>;
  readonly status: number;
  readonly code: string;
  readonly args?: object;
}

const requestId = 'refused';
/** A body with nothing in it but its id. */
export const onlyId = (): object => ({ requestId });
const at = (path: string): object => ({ path });
const bytes32 = (text: string): string => Buffer.alloc(32, text).toString('base64url');

function tender(change: object): Body {
  return (world) => ({ requestId, tender: { ...world.draft, tenderId: 'new', ...change } });
}

function bid(source: 'submitted' | 'unsent' | 'late', change: Partial<BidSubmission> = {}): Body {
  return (world) => ({ ...world[source], requestId, ...change });
}

function shares(seat: number, change: object = {}): Body {
  return (world) => ({ requestId, shares: { ...world.shares.get(seat)?.shares, ...change } });
}

function changedCiphertext({ unsent }: RefusalWorld): object {
  const envelope = unsent.envelope as { readonly ct: string };
  const first = envelope.ct.startsWith('A') ? 'B' : 'A';
  return { ...unsent, envelope: { ...envelope, ct: `${first}${envelope.ct.slice(1)}` } };
}

function swapped(world: RefusalWorld): object {
  const [one = '', two = ''] = world.shares.get(3)?.shares.S ?? [];
  return { requestId, shares: { ...world.shares.get(3)?.shares, S: [two, one] } };
}

/** Requests that are not of their form. */
export const malformed: readonly Refusal[] = [
  {
    ...{ what: 'an unknown field', by: 'auditor', path: '/tenders/open/closure' },
    body: () => ({ requestId, role: 'officer' }),
    ...{ status: 400, code: 'FORMAT', args: at('role') },
  },
  {
    ...{ what: 'a missing field', by: 'auditor', path: '/tenders/open/closure', body: () => ({}) },
    ...{ status: 400, code: 'FORMAT', args: at('requestId') },
  },
  {
    ...{ what: 'a number given as text', by: 'tashi', path: '/tenders' },
    body: tender({ graceMs: '500' }),
    ...{ status: 400, code: 'FORMAT', args: at('tender.graceMs') },
  },
  {
    ...{ what: 'a text given as number', by: 'tashi', path: '/tenders' },
    body: tender({ items: [{ itemId: 'I1', description: 'Item', unit: 'piece', quantity: 10 }] }),
    ...{ status: 400, code: 'FORMAT', args: at('tender.items[0].quantity') },
  },
  {
    ...{ what: 'a version given as text', by: 'vendor-2', path: '/tenders/open/bids' },
    body: (world) => ({ ...world.unsent, version: '1' }),
    ...{ status: 400, code: 'FORMAT', args: at('version') },
  },
  {
    ...{ what: 'a plain bid inside an envelope', by: 'vendor-2', path: '/tenders/open/bids' },
    body: (world) => ({
      ...world.unsent,
      envelope: { ...(world.unsent.envelope as object), total: '1' },
    }),
    ...{ status: 400, code: 'FORMAT', args: at('envelope.total') },
  },
  {
    ...{ what: 'a body that is too large', by: 'tashi', path: '/tenders' },
    body: tender({ description: 'x'.repeat(300 * 1024) }),
    ...{ status: 413, code: 'TOO_LARGE' },
  },
  {
    ...{ what: 'a body that is no JSON', by: 'tashi', path: '/tenders' },
    body: () => '{"requestId":',
    ...{ status: 400, code: 'FORMAT' },
  },
  {
    ...{ what: 'a body of another media type', by: 'tashi', path: '/tenders' },
    ...{ body: () => 'requestId=1', raw: { contentType: 'application/x-www-form-urlencoded' } },
    ...{ status: 415, code: 'MEDIA_TYPE' },
  },
  {
    ...{ what: 'a reserved vendor id', by: 'vendor-5', path: '/vendors' },
    body: () => ({ requestId, vendorId: '.estimate', name: 'Name', licence: 'L-1' }),
    ...{ status: 400, code: 'FORMAT', args: at('vendorId') },
  },
  {
    ...{ what: 'a reserved tender id', by: 'auditor', path: '/tenders/.estimate' },
    ...{ status: 400, code: 'FORMAT', args: at('tenderId') },
  },
  {
    ...{
      what: 'a message for another tender',
      by: 'ministry-seat-2',
      path: '/tenders/open/shares',
    },
    body: shares(2),
    ...{ status: 400, code: 'FORMAT', args: { path: 'shares.tenderId' } },
  },
  {
    ...{
      what: 'a chunk that is no number',
      by: 'auditor',
      path: '/tenders/closed/opening?chunk=x',
    },
    ...{ status: 400, code: 'FORMAT', args: at('chunk') },
  },
  { what: 'no such address', by: 'auditor', path: '/bids', status: 404, code: 'NO_ROUTE' },
];

/** Requests of somebody who may not make them. */
export const unauthorised: readonly Refusal[] = [
  { what: 'no token', path: '/tenders/open', status: 401, code: 'UNAUTHENTICATED' },
  {
    ...{ what: 'a token that nobody has', path: '/tenders/open/closure', body: onlyId },
    ...{ raw: { token: bytes32('x') }, status: 401, code: 'UNAUTHENTICATED' },
  },
  {
    ...{ what: 'a wrong role', by: 'vendor-1', path: '/tenders/draft/publication', body: onlyId },
    ...{ status: 403, code: 'ROLE' },
    args: { mspId: 'VendorMSP', role: 'vendor', transaction: 'tender:publish' },
  },
  {
    ...{ what: 'a wrong organisation', by: 'auditor', path: '/vendors' },
    body: () => ({ requestId, vendorId: 'new', name: 'Name', licence: 'L-1' }),
    ...{ status: 403, code: 'ROLE', args: { mspId: 'AuditorMSP', role: 'auditor' } },
  },
  {
    ...{ what: 'a seat of the vendors, no vendor', by: 'association-seat-1' },
    ...{ path: '/tenders/open/bids', body: bid('unsent'), status: 403, code: 'ROLE' },
    args: { mspId: 'VendorMSP', role: 'committee', transaction: 'bid:submit' },
  },
  {
    ...{ what: 'a wrong agency', by: 'tashi', path: '/tenders' },
    body: tender({ buyer: { agency: 'MoH', name: 'Ministry of Health' } }),
    ...{ status: 403, code: 'AGENCY', args: { agency: 'MoIT', buyerAgency: 'MoH' } },
  },
  {
    ...{ what: 'a vendor who is not registered', by: 'vendor-5', path: '/tenders/open/bids' },
    body: bid('unsent'),
    ...{ status: 403, code: 'NOT_REGISTERED', args: { mspId: 'VendorMSP' } },
  },
  {
    ...{ what: 'an id that another vendor has', by: 'vendor-5', path: '/vendors' },
    body: () => ({ requestId, vendorId: 'vendor-1', name: 'Name', licence: 'L-1' }),
    ...{ status: 409, code: 'EXISTS', args: { kind: 'vendor', id: 'vendor-1' } },
  },
];

function wrongPhase(row: {
  readonly command: string;
  readonly by: string;
  readonly path: string;
  readonly body?: Body;
  readonly current: string;
  readonly allowed: readonly string[];
}): Refusal {
  const { command, by, current, allowed } = row;
  const [, , tenderId] = row.path.split('/');
  return {
    ...{ what: `${command} while ${current}`, by, path: row.path, body: row.body ?? onlyId },
    ...{ status: 409, code: 'PHASE', args: { tenderId, current, allowed } },
  };
}

/** One request for each command on a tender, in a phase that does not allow it. */
export const wrongPhases: readonly Refusal[] = [
  wrongPhase({
    ...{ command: 'opening:registerKey', by: 'ministry-seat-1' },
    path: '/tenders/open/committee-keys',
    body: () => {
      const key = { tenderId: 'open', seat: 1, mspId: 'MinistryMSP', spki: bytes32('s') };
      const pop = Buffer.alloc(64).toString('base64url');
      return { requestId, key: { ...key, y: bytes32('y'), pop } };
    },
    ...{ current: 'published', allowed: ['draft'] },
  }),
  wrongPhase({
    ...{ command: 'tender:publish', by: 'tashi', path: '/tenders/open/publication' },
    ...{ current: 'published', allowed: ['draft'] },
  }),
  wrongPhase({
    ...{ command: 'tender:cancel', by: 'tashi', path: '/tenders/awarded/cancellation' },
    body: () => ({ requestId, reason: 'Funding was withdrawn.' }),
    ...{ current: 'awarded', allowed: ['draft', 'published', 'closed', 'opened', 'evaluating'] },
  }),
  wrongPhase({
    ...{ command: 'bid:submit', by: 'vendor-2', path: '/tenders/closed/bids' },
    ...{ body: bid('unsent'), current: 'closed', allowed: ['published'] },
  }),
  wrongPhase({
    ...{ command: 'tender:close', by: 'auditor', path: '/tenders/draft/closure' },
    ...{ current: 'draft', allowed: ['published'] },
  }),
  wrongPhase({
    ...{ command: 'opening:postShares', by: 'ministry-seat-2', path: '/tenders/open/shares' },
    ...{ body: shares(2, { tenderId: 'open' }), current: 'published', allowed: ['closed'] },
  }),
  wrongPhase({
    ...{ command: 'opening:combine', by: 'vendor-3', path: '/tenders/open/combination' },
    ...{ current: 'published', allowed: ['closed'] },
  }),
  wrongPhase({
    ...{ command: 'award:evaluate', by: 'tashi', path: '/tenders/closed/evaluation' },
    ...{ current: 'closed', allowed: ['opened'] },
  }),
  wrongPhase({
    ...{ command: 'award:decide', by: 'tashi', path: '/tenders/opened/award' },
    ...{ current: 'opened', allowed: ['evaluating'] },
  }),
];

/** Bids that the ledger must not take. */
export const wrongBids: readonly Refusal[] = [
  {
    ...{ what: 'a bid for another tender', by: 'vendor-2', path: '/tenders/other/bids' },
    ...{ body: bid('unsent'), status: 409, code: 'NOTICE', args: { tenderId: 'other' } },
  },
  {
    ...{ what: 'an envelope sealed for another tender', by: 'vendor-2' },
    path: '/tenders/other/bids',
    body: (world) => ({ ...world.unsent, requestId, noticeHash: world.otherNoticeHash }),
    ...{ status: 422, code: 'DEAL', args: { item: 'e' } },
  },
  {
    ...{ what: 'a wrong hash of the notice', by: 'vendor-2', path: '/tenders/open/bids' },
    body: bid('unsent', { noticeHash: bytes32('n') }),
    ...{ status: 409, code: 'NOTICE', args: { tenderId: 'open' } },
  },
  {
    ...{ what: 'a wrong lot', by: 'vendor-2', path: '/tenders/open/bids' },
    body: bid('unsent', { lotId: 'L9' }),
    ...{ status: 404, code: 'LOT', args: { lotId: 'L9', tenderId: 'open' } },
  },
  {
    ...{ what: 'the envelope of another vendor', by: 'vendor-2', path: '/tenders/open/bids' },
    ...{ body: bid('submitted'), status: 422, code: 'DEAL', args: { item: 'e' } },
  },
  {
    ...{ what: 'an envelope sealed for another version', by: 'vendor-1' },
    ...{ path: '/tenders/open/bids', body: bid('submitted', { version: 2 }) },
    ...{ status: 422, code: 'DEAL', args: { item: 'e' } },
  },
  {
    ...{ what: 'a version that is not the next', by: 'vendor-2', path: '/tenders/open/bids' },
    body: bid('unsent', { version: 3 }),
    ...{ status: 409, code: 'VERSION', args: { item: 'version' } },
  },
  {
    ...{ what: 'a ciphertext that was changed', by: 'vendor-2', path: '/tenders/open/bids' },
    body: changedCiphertext,
    ...{ status: 422, code: 'CT_HASH', args: { item: 'ctHash' } },
  },
  {
    ...{ what: 'a bid after the deadline', by: 'vendor-3', path: '/tenders/late/bids' },
    body: bid('late'),
    ...{ status: 409, code: 'DEADLINE', args: { tenderId: 'late', at: expect.any(String) } },
  },
];

/** Steps out of order, false, repeated, or on something that is not there. */
export const wrongSteps: readonly Refusal[] = [
  {
    ...{ what: 'a close before its time', by: 'auditor', path: '/tenders/open/closure' },
    body: onlyId,
    ...{ status: 409, code: 'EARLY', args: { tenderId: 'open', opensAt: expect.any(String) } },
  },
  {
    ...{ what: 'a publication without keys', by: 'tashi', path: '/tenders/draft/publication' },
    ...{ body: onlyId, status: 422, code: 'SIZE', args: { item: 'records' } },
  },
  {
    ...{ what: 'an id that another tender has', by: 'tashi', path: '/tenders' },
    body: tender({ tenderId: 'open' }),
    ...{ status: 409, code: 'EXISTS', args: { kind: 'tender', id: 'open' } },
  },
  {
    ...{ what: 'a false share', by: 'auditor-seat-1', path: '/tenders/closed/shares' },
    ...{ body: swapped, status: 422, code: 'OPEN', args: { item: 'proof' } },
  },
  {
    ...{ what: 'shares of a seat that the caller does not hold', by: 'ministry-seat-2' },
    ...{ path: '/tenders/closed/shares', body: shares(3) },
    ...{ status: 422, code: 'SEAT', args: { item: 'poster' } },
  },
  {
    ...{ what: 'shares from somebody with no seat', by: 'auditor', path: '/tenders/closed/shares' },
    ...{ body: shares(3), status: 403, code: 'ROLE', args: { role: 'auditor' } },
  },
  {
    ...{ what: 'shares for another list', by: 'auditor-seat-1', path: '/tenders/closed/shares' },
    body: shares(3, { listHash: bytes32('l') }),
    ...{ status: 409, code: 'LIST', args: { item: 'listHash' } },
  },
  {
    ...{ what: 'shares for a chunk that is not there', by: 'auditor-seat-1' },
    ...{ path: '/tenders/closed/shares', body: shares(3, { chunk: 1 }) },
    ...{ status: 422, code: 'CHUNK', args: { item: 'chunk' } },
  },
  {
    ...{ what: 'a chunk posted twice', by: 'ministry-seat-1', path: '/tenders/closed/shares' },
    ...{ body: shares(1), status: 409, code: 'REPEAT', args: { item: 'seat 1 chunk 0' } },
  },
  {
    ...{ what: 'a combine before enough seats', by: 'vendor-3' },
    ...{ path: '/tenders/closed/combination', body: onlyId },
    ...{ status: 409, code: 'FEW', args: { item: 'shares' } },
  },
  {
    ...{ what: 'a request again with another content', by: 'tashi', path: '/tenders' },
    body: (world) => ({ ...(tender({})(world) as object), requestId: 'create-open' }),
    ...{ status: 409, code: 'REQUEST_REUSED' },
    args: { requestId: 'create-open', transactionId: expect.stringMatching(/^[0-9a-f]{64}$/) },
  },
  {
    ...{ what: 'a tender that is not there', by: 'tashi', path: '/tenders/nowhere/publication' },
    body: onlyId,
    ...{ status: 404, code: 'NOT_FOUND', args: { kind: 'tender', id: 'nowhere' } },
  },
  {
    ...{
      what: 'reading a tender that is not there',
      by: 'auditor',
      path: '/tenders/nowhere/trail',
    },
    ...{ status: 404, code: 'NOT_FOUND', args: { kind: 'tender', id: 'nowhere' } },
  },
  {
    ...{ what: 'reading a vendor who is not there', by: 'auditor', path: '/vendors/nobody' },
    ...{ status: 404, code: 'NOT_FOUND', args: { kind: 'vendor', id: 'nobody' } },
  },
];
