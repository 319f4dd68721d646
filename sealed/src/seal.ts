/** Sealing a bid (TSEAL-V1 sections 4 and 5). */
import { encodeCanonical, toBase64url, utf8 } from '@procurement/protocol';
import { type BodyKeys, bodyKeys, pad, sealBody } from './body';
import { checkNames, type Committee } from './committee';
import { type BidName, checkBidName, contextBytes } from './context';
import { dealOut, openingSecret, proveDeal, secretsOf } from './deal';
import { sha256 } from './digest';
import { type SealedDocument, sealDocument } from './documents';
import {
  checkStores,
  type Deal,
  type Envelope,
  envelopeHashOf,
  INLINE_LENGTH_MAX,
  SUITE,
} from './envelope';
import { freshBytes } from './random';

const SEED_LENGTH = 64;

/** What to seal, for whom. */
export interface SealRequest {
  /** Made by `freezeCommittee`, so that its keys have been checked. */
  readonly committee: Committee;
  readonly bid: BidName;
  /** The bid, or a function that composes it once its documents are sealed. */
  readonly plain: object | ((documents: readonly SealedDocument[]) => object);
  readonly documents?: readonly Uint8Array[];
  /** A larger bucket than the bid needs, in bytes, to hide its size. */
  readonly bucket?: number;
  /** Two store names, needed where the ciphertext is too long for the envelope. */
  readonly stores?: readonly string[];
}

/** A sealed bid. */
export interface SealedBid {
  readonly envelope: Envelope;
  /** The envelope as canonical JSON. */
  readonly text: string;
  /** SHA-256 of `text`, base64url. */
  readonly envelopeHash: string;
  /** The ciphertext, which goes to the stores where the envelope does not carry it. */
  readonly ciphertext: Uint8Array;
  readonly documents: readonly SealedDocument[];
  /** The seed that everything was drawn from. Keep it secret and safe: it opens the bid. */
  readonly seed: Uint8Array;
}

/**
 * Seals a bid under a new seed. A second call for the same bid gives another envelope.
 * @throws {SealError} FORMAT where a name is out of form, or the stores are missing or equal
 * @throws {CanonicalJsonError} where the bid is no canonical JSON
 * @throws {RangeError} where the bid does not fit a bucket
 */
export async function seal(request: SealRequest): Promise<SealedBid> {
  for (;;) {
    const sealed = await sealFrom(request, freshBytes(SEED_LENGTH));
    if (sealed !== undefined) return sealed;
  }
}

/**
 * Seals under a given seed; undefined where this seed gives a zero somewhere. For {@link seal} and
 * test vectors only: one seed must never seal two bids.
 */
export async function sealFrom(
  request: SealRequest,
  seed: Uint8Array,
): Promise<SealedBid | undefined> {
  const { committee, bid } = request;
  checkNames(committee);
  checkBidName(bid);
  const context = contextBytes(committee, bid);
  const secrets = secretsOf({ committee, context, seed });
  if (secrets === undefined) return undefined;
  const keys = bodyKeys(openingSecret(secrets), context);
  const documents = await sealDocuments(keys, request.documents ?? []);
  const plain = utf8(encodeCanonical(composed(request, documents)));
  const { cmt, ct } = await sealBody(keys, pad(plain, request));
  const body = { cmt, ctHash: sha256(ct), ctLen: ct.length };
  const statement = { ...dealOut(committee, secrets), ...body };
  const proof = proveDeal({ committee, context, seed, secrets, statement });
  if (proof === undefined) return undefined;
  const envelope = toEnvelope({ ...statement, ...proof, ct }, request.stores);
  const text = encodeCanonical(envelope);
  const envelopeHash = envelopeHashOf(envelope);
  return { envelope, text, envelopeHash, ciphertext: ct, documents, seed };
}

async function sealDocuments(
  keys: BodyKeys,
  documents: readonly Uint8Array[],
): Promise<readonly SealedDocument[]> {
  return Promise.all(documents.map(async (document) => sealDocument(keys, document)));
}

function composed({ plain }: SealRequest, documents: readonly SealedDocument[]): object {
  return typeof plain === 'function'
    ? (plain as (documents: readonly SealedDocument[]) => object)(documents)
    : plain;
}

function toEnvelope(
  deal: Deal & { readonly ct: Uint8Array },
  stores: readonly string[] | undefined,
): Envelope {
  const isInline = deal.ctLen <= INLINE_LENGTH_MAX;
  if (!isInline) checkStores(stores);
  return {
    C: deal.commitments.map(toBase64url),
    Y: deal.shares.map(toBase64url),
    cmt: toBase64url(deal.cmt),
    ...(isInline ? { ct: toBase64url(deal.ct) } : { ref: stores ?? [] }),
    ctHash: toBase64url(deal.ctHash),
    ctLen: deal.ctLen,
    e: toBase64url(deal.challenge),
    suite: SUITE,
    v: 1,
    z: deal.responses.map(toBase64url),
  };
}
