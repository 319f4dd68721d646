/** From a bid as its vendor wrote it to the request that hands it in. */
import {
  BID_DOCUMENTS_MAX,
  type BidDocument,
  bidDocumentSchema,
  type BidEnclosure,
  bidKeyOf,
  type CommandInput,
  encodeCanonical,
  STORED_BYTES_MAX,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import {
  type BidName,
  ready,
  seal,
  type SealedBid,
  type SealedDocument,
} from '@procurement/sealed';
import type { ProcurementApi } from './api';
import { check, CheckFailed } from './check';
import { type CheckedTender, readCommittee } from './committee';
import { type DocumentStore, keep, type KeptFor, requireTwo } from './document-store';

/** Bytes of the largest bucket of all, less the length's four. */
const BID_LENGTH_MAX = 65536 - 4;
/** Bytes of the largest bucket whose ciphertext stands on the ledger, less the length's four. */
const INLINE_LENGTH_MAX = 16384 - 4;
/** Bytes that the entry of one document adds to a bid at most: hashes, lengths, type and title. */
const ENTRY_LENGTH_MAX = 1024;
/** Bytes that encryption adds to a document. */
const TAG_LENGTH = 16;

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
 * ledger knows, and seals it for the version that is next. Documents, and a bid too long for the
 * ledger, go to two stores whose receipts become part of the submission.
 * @param request.documents what the bid encloses; the bid lists them by hash once they are sealed
 * @param request.stores two stores of different organisations, where something is kept in them
 * @param request.bucket a larger size than needed, in bytes, to hide how long the bid is
 * @throws {CheckFailed} where the bid does not fit the tender, or the ledger contradicts itself
 * @throws {SealError | ApiProblem | ApiUnreachable}
 */
export async function sealBid(request: {
  readonly api: ProcurementApi;
  readonly witness?: ProcurementApi | undefined;
  readonly tenderId: string;
  readonly written: object;
  readonly documents?: readonly Enclosure[];
  readonly stores?: readonly DocumentStore[];
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
  const { documents = [], stores = [] } = request;
  requireRoom(document, { documents, stores });
  const mine = own.bids.filter((bid) => bid.lotId === lotId && bid.vendorId === vendorId);
  const version = Math.max(0, ...mine.map((bid) => bid.version)) + 1;
  const bid = { lotId, vendorId, vendorSpki: me.spki, version };
  const { committee, noticeHash } = checked;
  const size = request.bucket === undefined ? {} : { bucket: request.bucket };
  const sealed = await seal({
    ...{ committee, bid, ...size },
    plain: (made) => ({ ...document, documents: listed(documents, made) }),
    documents: documents.map(({ bytes }) => bytes),
    stores: stores.map(({ storeId }) => storeId),
  });
  const { envelope, envelopeHash, seed } = sealed;
  const kept = await keptOf(sealed, stores, { bidKey: bidKeyOf({ tenderId, ...bid }), version });
  const { committeeHash } = committee;
  return {
    // The envelope's own hash names the request, so that sending it twice counts once.
    submission: { requestId: `bid-${envelopeHash}`, lotId, noticeHash, version, envelope, ...kept },
    secret: {
      ...{ schema: 'bid-secret/1', tenderId, bid, committeeHash, envelopeHash },
      seed: toBase64url(seed),
    },
  };
}

/** A document as it is enclosed. */
export interface Enclosure {
  readonly title: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

function requireRoom(
  document: BidDocument,
  { documents, stores }: { documents: readonly Enclosure[]; stores: readonly DocumentStore[] },
): void {
  const isFew = documents.length <= BID_DOCUMENTS_MAX;
  check(isFew, `a bid encloses at most ${BID_DOCUMENTS_MAX} documents`);
  for (const { title, bytes } of documents) {
    check(bytes.length + TAG_LENGTH <= STORED_BYTES_MAX, `${title} is too long for the stores`);
  }
  const own = utf8(encodeCanonical(document)).length;
  const length = own + documents.length * ENTRY_LENGTH_MAX;
  check(length <= BID_LENGTH_MAX, `the bid has ${own} bytes; ${BID_LENGTH_MAX} fit a bid`);
  if (length > INLINE_LENGTH_MAX || documents.length > 0) requireTwo(stores);
}

/** What the bid says of its documents, once they are sealed. */
function listed(documents: readonly Enclosure[], made: readonly SealedDocument[]): BidEnclosure[] {
  return documents.map(({ title, mediaType, bytes }, index) => {
    const entry = made[index]?.entry;
    if (entry === undefined) throw new RangeError('a document was not sealed');
    const { id, ctHash, ctLen } = entry;
    return { sha256: id, size: bytes.length, mediaType, title, ctHash, ctLen };
  });
}

/** Hands over what is kept outside the ledger; nothing where there is nothing. */
async function keptOf(
  { envelope, ciphertext, documents }: SealedBid,
  stores: readonly DocumentStore[],
  bid: KeptFor,
): Promise<Pick<BidSubmission, 'documents' | 'receipts'>> {
  const files = documents.map(({ entry: { ctHash, ctLen }, ciphertext: bytes }) => ({
    ...{ ctHash, ctLen, bytes },
  }));
  const { ctHash, ctLen } = envelope;
  const body = envelope.ref === undefined ? [] : [{ ctHash, ctLen, bytes: ciphertext }];
  const receipts = await keep(stores, [...files, ...body], bid);
  if (receipts.length === 0) return {};
  const names = files.map((file) => ({ ctHash: file.ctHash, ctLen: file.ctLen }));
  return { ...(names.length > 0 ? { documents: names } : {}), receipts };
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
