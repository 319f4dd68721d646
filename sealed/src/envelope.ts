/** The sealed envelope on the wire, and its parts decoded (TSEAL-V1 sections 5 and 6). */
import { toBase64url } from '@procurement/protocol';
import { demand, SealError } from './codes';
import {
  checkMembers,
  messageHash,
  readAnyBytes,
  readBytes,
  readElements,
  readId,
  readInteger,
  readMessage,
} from './wire';

/** The algorithms of this version, as every envelope names them. */
export const SUITE = 'ristretto255-SHA512/HKDF-SHA256/AES-256-GCM';
/** Sizes in bytes to which a bid is padded. */
export const BUCKETS = [1024, 4096, 16384, 65536] as const;
/** Bytes that AES-GCM adds to a bucket. */
const TAG_LENGTH = 16;
/** The longest ciphertext, tag included, that an envelope carries itself. */
export const INLINE_LENGTH_MAX = 16384 + TAG_LENGTH;

/** A sealed bid as it is submitted. Bytes are base64url. */
export interface Envelope {
  /** Commitments to the polynomial's t coefficients. */
  readonly C: readonly string[];
  /** One encrypted share for each of the n seats. */
  readonly Y: readonly string[];
  /** Commitment to the padded bid under the bid's own key. */
  readonly cmt: string;
  /** The ciphertext, where it is short enough to stand in the envelope. */
  readonly ct?: string | undefined;
  /** Otherwise the names of the two stores that keep it. */
  readonly ref?: readonly string[] | undefined;
  readonly ctHash: string;
  /** Length of the ciphertext in bytes, tag included. */
  readonly ctLen: number;
  /** Challenge of the deal proof. */
  readonly e: string;
  readonly suite: typeof SUITE;
  readonly v: 1;
  /** Responses of the deal proof, one for each seat. */
  readonly z: readonly string[];
}

/** An envelope's parts as bytes. */
export interface Deal {
  readonly commitments: readonly Uint8Array[];
  readonly shares: readonly Uint8Array[];
  readonly cmt: Uint8Array;
  readonly ctHash: Uint8Array;
  readonly ctLen: number;
  /** Undefined where the envelope names stores instead. */
  readonly ct: Uint8Array | undefined;
  readonly challenge: Uint8Array;
  readonly responses: readonly Uint8Array[];
}

/** An envelope that has its form: as it was sent, decoded, and its hash (base64url). */
export interface ReadEnvelope {
  readonly envelope: Envelope;
  readonly deal: Deal;
  readonly envelopeHash: string;
}

const REQUIRED = ['C', 'Y', 'cmt', 'ctHash', 'ctLen', 'e', 'suite', 'v', 'z'];
const OPTIONAL = ['ct', 'ref'];

/**
 * Reads an envelope from its canonical JSON, or from the object that such a text held.
 * @throws {SealError} FORMAT, and nothing else
 */
export function readEnvelope(message: string | object): ReadEnvelope {
  const members = readMessage(message, 'Envelope');
  checkMembers(members, { required: REQUIRED, optional: OPTIONAL });
  demand(members['v'] === 1, 'FORMAT', 'v');
  demand(members['suite'] === SUITE, 'FORMAT', 'suite');
  demand(Object.hasOwn(members, 'ct') !== Object.hasOwn(members, 'ref'), 'FORMAT', 'ct or ref');
  if (Object.hasOwn(members, 'ref')) checkStores(members['ref']);
  const deal: Deal = {
    commitments: readElements(members['C'], 'C'),
    shares: readElements(members['Y'], 'Y'),
    cmt: readBytes(members['cmt'], 'cmt'),
    ctHash: readBytes(members['ctHash'], 'ctHash'),
    ctLen: readInteger(members['ctLen'], 'ctLen'),
    ct: Object.hasOwn(members, 'ct') ? readAnyBytes(members['ct'], 'ct') : undefined,
    challenge: readBytes(members['e'], 'e'),
    responses: readElements(members['z'], 'z'),
  };
  const envelopeHash = toBase64url(messageHash(members, 'Envelope'));
  return { envelope: members as unknown as Envelope, deal, envelopeHash };
}

/**
 * Hash of an envelope's canonical JSON, base64url.
 * @throws {SealError} FORMAT where the object has no canonical form
 */
export function envelopeHashOf(envelope: Envelope): string {
  return toBase64url(messageHash(envelope, 'Envelope'));
}

/** Whether a ciphertext length is that of one of the buckets. */
export function isCiphertextLength(length: number): boolean {
  return BUCKETS.some((bucket) => bucket + TAG_LENGTH === length);
}

/**
 * Refuses unless the value names two different stores.
 * @throws {SealError} FORMAT
 */
export function checkStores(value: unknown): void {
  if (!Array.isArray(value)) throw new SealError('FORMAT', 'ref');
  const names = value.map((name: unknown) => readId(name, 'ref'));
  demand(names.length === 2 && names[0] !== names[1], 'FORMAT', 'ref');
}
