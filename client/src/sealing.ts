/** From a bid as its vendor wrote it to the request that hands it in. */
import {
  BID_DOCUMENTS_MAX,
  type BidDocument,
  type BidEnclosure,
  bidKeyOf,
  type CommandInput,
  encodeCanonical,
  envelopeOf,
  ESTIMATE_VENDOR_ID,
  type QueryResult,
  STORED_BYTES_MAX,
  STORES_OF_EACH,
  type TechnicalBidDocument,
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
import { type AnyBidDocument, bidSchemaOf } from './bid-text';
import { check, CheckFailed } from './check';
import { type CheckedTender, readCommittee } from './committee';
import { type Ciphertext, type DocumentStore, keep, requireTwo } from './document-store';

/** Bytes of a bucket that say how long the bid in it is. */
const LENGTH_LENGTH = 4;
/** Bytes of the longest bid of all: the largest bucket, less the length. */
const BID_LENGTH_MAX = 65536 - LENGTH_LENGTH;
/** Bytes of the longest bid whose ciphertext stands on the ledger. */
const INLINE_LENGTH_MAX = 16384 - LENGTH_LENGTH;
/** Bytes that the entry of one document adds to a bid at most: hashes, lengths, type and title. */
const ENTRY_LENGTH_MAX = 1024;
/** Bytes that encryption adds to a document. */
const TAG_LENGTH = 16;

/** A bid's members that may be left out, since the ledger knows them. */
type Known = 'v' | 'tenderId' | 'vendorId' | 'noticeHash' | 'currency' | 'documents';

/** A bid as its vendor may write it. What it says must agree with the ledger. */
export type WrittenBid = Omit<BidDocument, Known> & Partial<Pick<BidDocument, Known>>;

/** A first envelope as its vendor may write it, where bids have two. */
export type WrittenTechnicalBid = Omit<TechnicalBidDocument, Known> &
  Partial<Pick<TechnicalBidDocument, Exclude<Known, 'currency'>>>;

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

/** A sealed bid. What it keeps in stores has to go there first, see {@link withReceipts}. */
export interface PreparedBid {
  readonly submission: BidSubmission;
  readonly secret: BidSecret;
  /** What is too long for the ledger: documents, and the bid itself where the envelope names stores. */
  readonly ciphertexts: readonly Ciphertext[];
  /** Names of the two stores that are to keep it; none where there is nothing to keep. */
  readonly stores: readonly string[];
}

/**
 * Seals a bid: reads the tender and its committee, checks both, completes the bid with what the
 * ledger knows, and seals it for the version that is next. An officer of the buyer seals the
 * official estimate. Nothing leaves this device.
 * @param request.written the bid; of a first envelope what is offered, without amounts
 * @param request.documents what the bid encloses; the bid lists them by hash once they are sealed
 * @param request.stores names of two stores of different organisations, for what is too long for
 * the ledger; by default the first two of the register
 * @param request.bucket a larger size than needed, in bytes, to hide how long the bid is
 * @throws {CheckFailed} where the bid does not fit the tender, or the ledger contradicts itself
 * @throws {SealError | ApiProblem | ApiUnreachable}
 */
export async function sealBid(request: SealingRequest): Promise<PreparedBid> {
  await ready();
  const { api, tenderId, documents = [] } = request;
  const [checked, me, own] = await Promise.all([
    readCommittee(request),
    api.me(),
    api.bids(tenderId),
  ]);
  const vendorId = bidderOf(me, checked);
  const document = completed(request.written, { checked, vendorId });
  const { lotId } = document;
  const stores = await storesFor(request, document);
  const mine = own.bids.filter((bid) => bid.lotId === lotId && bid.vendorId === vendorId);
  const version = Math.max(0, ...mine.map((bid) => bid.version)) + 1;
  const bid = { lotId, vendorId, vendorSpki: me.spki, version };
  const { committee, noticeHash } = checked;
  const size = request.bucket === undefined ? {} : { bucket: request.bucket };
  const sealed = await seal({
    ...{ committee, bid, stores, ...size },
    plain: (made) => ({ ...document, documents: listed(documents, made) }),
    documents: documents.map(({ bytes }) => bytes),
  });
  const { envelope, envelopeHash, seed } = sealed;
  const { committeeHash } = committee;
  const names = sealed.documents.map(({ entry: { ctHash, ctLen } }) => ({ ctHash, ctLen }));
  return {
    submission: {
      // The envelope's own hash names the request, so that sending it twice counts once.
      ...{ requestId: `bid-${envelopeHash}`, lotId, noticeHash, version, envelope },
      ...(names.length > 0 ? { documents: names } : {}),
    },
    secret: {
      ...{ schema: 'bid-secret/1', tenderId, bid, committeeHash, envelopeHash },
      seed: toBase64url(seed),
    },
    ciphertexts: ciphertextsOf(sealed),
    stores,
  };
}

/**
 * Hands what a sealed bid keeps outside the ledger to its two stores, whose receipts become part of
 * the submission. A bid that keeps nothing there stays as it is.
 * @param stores those that the bid was sealed for
 * @throws {CheckFailed} where they are others, or one signs for something else
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function withReceipts(
  prepared: PreparedBid,
  stores: readonly DocumentStore[],
): Promise<BidSubmission> {
  const { submission, secret, ciphertexts } = prepared;
  if (ciphertexts.length === 0) return submission;
  const areNamed = stores.every(({ storeId }) => prepared.stores.includes(storeId));
  check(areNamed, 'the bid was sealed for other stores');
  const { tenderId, bid } = secret;
  const { version } = bid;
  const receipts = await keep(stores, ciphertexts, {
    ...{ bidKey: bidKeyOf({ tenderId, ...bid }), version },
  });
  return { ...submission, receipts: [...receipts] };
}

/** @throws {CheckFailed} where the caller bids under no name */
function bidderOf(me: QueryResult<'audit:whoami'>, { tender }: CheckedTender): string {
  if (me.role !== 'officer') {
    check(me.vendorId !== undefined, 'the caller is not in the vendor register');
    return me.vendorId;
  }
  const { agency } = tender.buyer;
  check(me.agency === agency, `officers of ${agency} alone seal the official estimate`);
  return ESTIMATE_VENDOR_ID;
}

/** What to seal, and where the ledger is asked. */
interface SealingRequest {
  readonly api: ProcurementApi;
  readonly witness?: ProcurementApi | undefined;
  readonly tenderId: string;
  readonly written: object;
  readonly documents?: readonly Enclosure[];
  readonly stores?: readonly string[] | undefined;
  readonly bucket?: number | undefined;
}

/** A document as it is enclosed. */
export interface Enclosure {
  readonly title: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Names of the stores that are needed; none where everything fits on the ledger. */
async function storesFor(
  { api, documents = [], stores, bucket = 0 }: SealingRequest,
  document: AnyBidDocument,
): Promise<readonly string[]> {
  const isFew = documents.length <= BID_DOCUMENTS_MAX;
  check(isFew, `a bid encloses at most ${BID_DOCUMENTS_MAX} documents`);
  for (const { title, bytes } of documents) {
    check(bytes.length + TAG_LENGTH <= STORED_BYTES_MAX, `${title} is too long for the stores`);
  }
  const own = utf8(encodeCanonical(document)).length;
  const length = own + documents.length * ENTRY_LENGTH_MAX;
  check(length <= BID_LENGTH_MAX, `the bid has ${own} bytes; ${BID_LENGTH_MAX} fit a bid`);
  const isInline = Math.max(length, bucket - LENGTH_LENGTH) <= INLINE_LENGTH_MAX;
  if (isInline && documents.length === 0) return [];
  const chosen = stores ?? (await api.stores()).stores.map(({ storeId }) => storeId);
  const names = stores === undefined ? chosen.slice(0, STORES_OF_EACH) : chosen;
  requireTwo(names);
  return names;
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

/** What goes to stores: the documents, then the bid itself where its envelope does not carry it. */
function ciphertextsOf({ envelope, ciphertext, documents }: SealedBid): Ciphertext[] {
  const files = documents.map(({ entry: { ctHash, ctLen }, ciphertext: bytes }) => ({
    ...{ ctHash, ctLen, bytes },
  }));
  const { ctHash, ctLen } = envelope;
  const body = envelope.ref === undefined ? [] : [{ ctHash, ctLen, bytes: ciphertext }];
  return [...files, ...body];
}

function completed(
  written: object,
  ledger: { readonly checked: CheckedTender; readonly vendorId: string },
): AnyBidDocument {
  const { tender, noticeHash } = ledger.checked;
  const { tenderId, currency } = tender;
  // A first envelope holds nothing about money.
  const money = envelopeOf(tenderId) === 'technical' ? {} : { currency };
  const facts = { v: 1, tenderId, vendorId: ledger.vendorId, noticeHash, ...money };
  for (const [member, value] of Object.entries(facts)) {
    const given = (written as Readonly<Record<string, unknown>>)[member];
    const [said, known] = [given, value].map((one) => JSON.stringify(one));
    const isSame = given === undefined || given === value;
    check(isSame, `the bid says ${member} ${said ?? ''} where the ledger has ${known ?? ''}`);
  }
  const form = bidSchemaOf(tenderId);
  const parsed = form.safeParse({ documents: [], ...written, ...facts });
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
