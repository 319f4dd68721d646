/** The vectors that lie beside the sources. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TenderContext } from '../committee';
import type { BidName } from '../context';

/** Path of one of the files in `sealed/vectors`, from the sources as from the build. */
function vectorPath(name: string): string {
  return resolve(__dirname, '../../vectors', `${name}.json`);
}

/** RFC 9496: encodings of multiples, bad encodings, points from uniform bytes. */
interface GroupVectors {
  readonly multiples: readonly string[];
  readonly bad: readonly string[];
  readonly uniform: readonly { readonly bytes: string; readonly point: string }[];
}

/** RFC 9497: keys, blinded inputs and proofs of its verifiable mode. */
interface ProofVectors {
  readonly contextString: string;
  /** What `k` is derived from. */
  readonly derivation: { readonly seed: string; readonly info: string };
  readonly k: string;
  readonly B: string;
  readonly blindings: readonly {
    readonly input: string;
    readonly blind: string;
    readonly blinded: string;
  }[];
  readonly proofs: readonly {
    readonly C: readonly string[];
    readonly D: readonly string[];
    readonly r: string;
    readonly proof: string;
  }[];
}

/** RFC 5869: HKDF with SHA-256. */
interface HkdfVectors {
  readonly cases: readonly {
    readonly ikm: string;
    readonly salt: string;
    readonly info: string;
    readonly length: number;
    readonly prk: string;
    readonly okm: string;
  }[];
}

/** RFC 4231: HMAC with SHA-256. */
interface MacVectors {
  readonly cases: readonly {
    readonly key: string;
    readonly message: string;
    readonly mac: string;
  }[];
}

/** RFC 9380: expand_message_xmd with SHA-512. Messages and the tag are texts. */
interface ExpansionVectors {
  readonly tag: string;
  readonly cases: readonly {
    readonly message: string;
    readonly length: number;
    readonly uniform: string;
  }[];
}

/** Wycheproof: AES-256-GCM with good and bad tags, which end `ct`. */
interface CipherVectors {
  readonly cases: readonly {
    readonly id: number;
    readonly key: string;
    readonly nonce: string;
    readonly aad: string;
    readonly message: string;
    readonly ct: string;
    readonly flag: string;
    readonly result: 'valid' | 'invalid';
  }[];
}

/** One bid of our own, from its envelope to its ticket. Messages are canonical JSON texts. */
export interface SealVector {
  readonly name: string;
  readonly tender: TenderContext;
  readonly committeeHash: string;
  readonly bid: BidName;
  readonly listHash: string;
  /** Place of the bid in the list. */
  readonly index: number;
  readonly envelope: string;
  readonly envelopeHash: string;
  /** Messages of the t lowest seats, for the whole list. */
  readonly shares: readonly string[];
  readonly deals: readonly { readonly Y: readonly string[] }[];
  readonly secret: string;
  readonly selfOpen: string;
  readonly plain: string;
  readonly ticket: string;
}

/** Our own vectors. */
export interface OwnVectors {
  readonly source: string;
  readonly vectors: readonly SealVector[];
}

/** What each file holds. */
export interface OwnFiles {
  readonly rfc9496: GroupVectors;
  readonly rfc9497: ProofVectors;
  readonly rfc9380: ExpansionVectors;
  readonly rfc5869: HkdfVectors;
  readonly rfc4231: MacVectors;
  readonly 'wycheproof-aes-gcm': CipherVectors;
  readonly tseal: OwnVectors;
}

/** Reads one of the files. */
export function readVectors<Name extends keyof OwnFiles>(name: Name): OwnFiles[Name] {
  return JSON.parse(readFileSync(vectorPath(name), 'utf8')) as OwnFiles[Name];
}

/** Writes our own vectors anew, where a change of the format is meant. */
export function writeVectors(vectors: OwnVectors): void {
  writeFileSync(vectorPath('tseal'), `${JSON.stringify(vectors, undefined, 1)}\n`);
}
