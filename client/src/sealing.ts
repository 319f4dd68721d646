/** From a bid as its vendor wrote it to the request that hands it in. */
import {
  type BidDocument,
  bidDocumentSchema,
  type CommandInput,
  encodeCanonical,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { type BidName, ready, seal } from '@procurement/sealed';
import type { ProcurementApi } from './api';
import { check, CheckFailed } from './check';
import { type CheckedTender, readCommittee } from './committee';

/** Bytes of the largest bucket whose ciphertext stands on the ledger, less the length's four. */
const BID_LENGTH_MAX = 16384 - 4;

/** A bid's members that may be left out, since the ledger knows them. */
type Known = 'v' | 'tenderId' | 'vendorId' | 'noticeHash' | 'currency' | 'documents';

/** A bid as its vendor may write it. What it says must agree with the ledger. */
export type WrittenBid = Omit<BidDocument, Known> & Partial<Pick<BidDocument, Known>>;

/** What the vendor must keep secret, and safe, until the bid is opened. */
export interface BidSecret {
  readonly schema: 'bid-secret/1';
  readonly tenderId: string;
  readonly bid: BidName;
  readonly committeeHash: string;
  readonly envelopeHash: string;
  /** 64 bytes, base64url. Whoever has them can read this bid. */
  readonly seed: string;
}

/** Body of `POST /tenders/:tenderId/bids`. */
export type BidSubmission = Omit<CommandInput<'bid:submit'>, 'tenderId'>;

/** A bid ready to hand in. */
export interface PreparedBid {
  readonly submission: BidSubmission;
  readonly secret: BidSecret;
}

/**
 * Seals a bid: reads the tender and its committee, checks both, completes the bid with what the
 * ledger knows, and seals it for the version that is next.
 * @param request.bucket a larger size than needed, in bytes, to hide how long the bid is
 * @throws {CheckFailed} where the bid does not fit the tender, or the ledger contradicts itself
 * @throws {SealError | ApiProblem | ApiUnreachable}
 */
export async function sealBid(request: {
  readonly api: ProcurementApi;
  readonly witness?: ProcurementApi | undefined;
  readonly tenderId: string;
  readonly written: object;
  readonly bucket?: number | undefined;
}): Promise<PreparedBid> {
  await ready();
  const { api, tenderId } = request;
  const [checked, me, own] = await Promise.all([
    readCommittee(request),
    api.me(),
    api.bids(tenderId),
  ]);
  check(me.vendorId !== undefined, 'the caller is not in the vendor register');
  const vendorId = me.vendorId;
  const document = completed(request.written, { checked, vendorId });
  const { lotId } = document;
  const length = utf8(encodeCanonical(document)).length;
  check(length <= BID_LENGTH_MAX, `the bid has ${length} bytes; ${BID_LENGTH_MAX} fit the ledger`);
  const mine = own.bids.filter((bid) => bid.lotId === lotId && bid.vendorId === vendorId);
  const version = Math.max(0, ...mine.map((bid) => bid.version)) + 1;
  const bid = { lotId, vendorId, vendorSpki: me.spki, version };
  const { committee, noticeHash } = checked;
  const size = request.bucket === undefined ? {} : { bucket: request.bucket };
  const sealed = await seal({ committee, bid, plain: document, ...size });
  const { envelope, envelopeHash, seed } = sealed;
  const { committeeHash } = committee;
  return {
    // The envelope's own hash names the request, so that sending it twice counts once.
    submission: { requestId: `bid-${envelopeHash}`, lotId, noticeHash, version, envelope },
    secret: {
      ...{ schema: 'bid-secret/1', tenderId, bid, committeeHash, envelopeHash },
      seed: toBase64url(seed),
    },
  };
}

function completed(
  written: object,
  ledger: { readonly checked: CheckedTender; readonly vendorId: string },
): BidDocument {
  const { tender, noticeHash } = ledger.checked;
  const { tenderId, currency } = tender;
  const facts = { v: 1, tenderId, vendorId: ledger.vendorId, noticeHash, currency };
  for (const [member, value] of Object.entries(facts)) {
    const given = (written as Readonly<Record<string, unknown>>)[member];
    const [said, known] = [given, value].map((one) => JSON.stringify(one));
    const isSame = given === undefined || given === value;
    check(isSame, `the bid says ${member} ${said ?? ''} where the ledger has ${known ?? ''}`);
  }
  const parsed = bidDocumentSchema.safeParse({ documents: [], ...written, ...facts });
  if (!parsed.success) throw new CheckFailed(`the bid is not of its form: ${problems(parsed)}`);
  const { lotId } = parsed.data;
  const isLot = tender.lots.some((lot) => lot.lotId === lotId);
  check(isLot, `tender ${tenderId} has no lot ${lotId}`);
  return parsed.data;
}

function problems({ error }: { readonly error: { readonly issues: readonly Issue[] } }): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
