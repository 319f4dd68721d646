/** Documents of a bid, sealed one by one and kept off the ledger (TSEAL-V1 section 4). */
import { concatBytes, equalBytes, fromBase64url, toBase64url, utf8 } from '@procurement/protocol';
import { type BodyKeys, bodyKeys, decrypt, encrypt } from './body';
import { SealError } from './codes';
import type { Committee } from './committee';
import { type BidName, contextBytes } from './context';
import { hkdfExpand, sha256 } from './digest';

const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;

/** What a bid says of one of its documents. Hashes are base64url. */
export interface DocumentEntry {
  /** SHA-256 of the document itself; secret until the bid is opened. */
  readonly id: string;
  /** SHA-256 of the ciphertext, by which stores name it. */
  readonly ctHash: string;
  /** Length of the ciphertext in bytes. */
  readonly ctLen: number;
}

/** A sealed document: what the bid lists, and the bytes for the stores. */
export interface SealedDocument {
  readonly entry: DocumentEntry;
  readonly ciphertext: Uint8Array;
}

/** Seals one document under the keys of its bid. */
export async function sealDocument(keys: BodyKeys, document: Uint8Array): Promise<SealedDocument> {
  const id = sha256(document);
  const ciphertext = await encrypt({ ...documentKeys(keys, id), message: document });
  const entry = {
    id: toBase64url(id),
    ctHash: toBase64url(sha256(ciphertext)),
    ctLen: ciphertext.length,
  };
  return { entry, ciphertext };
}

/**
 * Opens a document of an opened bid.
 * @param sealed.secret the bid's S, base64url
 * @throws {SealError} CT_HASH where the bytes are not those that the bid lists, FORMAT where they
 * cannot be decrypted or do not give the document named
 */
export async function openDocument(sealed: {
  readonly committee: Committee;
  readonly bid: BidName;
  readonly secret: string;
  readonly entry: DocumentEntry;
  readonly ciphertext: Uint8Array;
}): Promise<Uint8Array> {
  const { entry, ciphertext } = sealed;
  const isListed =
    ciphertext.length === entry.ctLen && toBase64url(sha256(ciphertext)) === entry.ctHash;
  if (!isListed) throw new SealError('CT_HASH', 'document');
  const context = contextBytes(sealed.committee, sealed.bid);
  const keys = bodyKeys(fromBase64url(sealed.secret), context);
  const id = fromBase64url(entry.id);
  const document = await decrypt({ ...documentKeys(keys, id), message: ciphertext });
  if (document === undefined || !equalBytes(sha256(document), id)) {
    throw new SealError('FORMAT', 'document');
  }
  return document;
}

function documentKeys(
  { prk, contextHash }: BodyKeys,
  id: Uint8Array,
): { key: Uint8Array; nonce: Uint8Array; contextHash: Uint8Array; extra: Uint8Array } {
  const bytes = hkdfExpand(prk, concatBytes(utf8('DOC'), id), KEY_LENGTH + NONCE_LENGTH);
  return {
    key: bytes.subarray(0, KEY_LENGTH),
    nonce: bytes.subarray(KEY_LENGTH),
    contextHash,
    extra: id,
  };
}
