/** The published test vectors of TSEAL-V1, where this machine has them. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BidName } from '../context';
import type { TenderContext } from '../committee';
import type { ListEntry } from '../list';

/** Every value on the way to one envelope, in hexadecimal where it is bytes. */
interface VectorValues {
  readonly ctx: string;
  readonly poly: readonly string[];
  readonly p: readonly string[];
  readonly w: readonly string[];
  readonly C: readonly string[];
  readonly Y: readonly string[];
  readonly S: string;
  readonly AD: string;
  readonly e: string;
  readonly z: readonly string[];
  readonly aad: string;
  readonly salt: string;
  readonly prk: string;
  readonly key: string;
  readonly ck: string;
  readonly nonce: string;
  readonly ctHash: string;
  readonly ctLen: number;
  readonly cmt: string;
  readonly padded?: string;
  readonly ct?: string;
  readonly ctBase64url?: string;
}

/** One sealed bid of a set. */
export interface VectorBid {
  readonly bid: BidName;
  readonly lastVersion: number;
  readonly bidKey: string;
  readonly seed: string;
  readonly plain: string;
  readonly bucket: number;
  readonly values: VectorValues;
  readonly envelope: string;
  readonly envelopeHash: string;
}

/** A tender from its keys to its results. */
export interface VectorSet {
  readonly name: string;
  readonly tender: TenderContext;
  readonly officers: readonly {
    readonly seat: number;
    readonly x: string;
    readonly popRnd: string;
  }[];
  readonly committeeHash: string;
  readonly bids: readonly VectorBid[];
  readonly list: readonly ListEntry[];
  readonly listHash: string;
  readonly opens: readonly {
    readonly seat: number;
    readonly chunk: number;
    readonly rnd: string;
    readonly message: string;
    readonly contextString: string;
    readonly r: string;
    readonly S: readonly string[];
    readonly proof: string;
  }[];
  readonly results: readonly {
    readonly bidKey: string;
    readonly state: string;
    readonly plain: string;
    readonly seats: readonly number[];
    readonly S: string;
    readonly prk: string;
    readonly key: string;
    readonly ck: string;
    readonly nonce: string;
  }[];
  readonly subsetsChecked: number;
  readonly selfOpen: {
    readonly bidKey: string;
    readonly rnd: string;
    readonly message: string;
    readonly contextString: string;
    readonly r: string;
  };
  readonly document: {
    readonly bidKey: string;
    readonly plain: string;
    readonly id: string;
    readonly key: string;
    readonly nonce: string;
    readonly ct: string;
  };
}

/** What a case may hand to the operation it tries. */
export interface VectorInput {
  readonly tender?: TenderContext;
  readonly bid?: BidName;
  readonly lastVersion?: number;
  readonly envelope?: string;
  readonly closed?: boolean;
  readonly message?: string;
  readonly posted?: readonly (readonly [number, number])[];
  readonly posterSpki?: string;
  readonly list?: readonly ListEntry[];
  readonly ct?: string | null;
  readonly dropCt?: boolean;
  readonly shares?: Readonly<Record<string, string>>;
  readonly bidKey?: string;
}

/** One operation and what it must answer. */
export interface VectorCase {
  readonly name: string;
  readonly op: 'submit' | 'committee' | 'open' | 'combine' | 'self';
  readonly set: string;
  readonly expect: string;
  readonly input: VectorInput;
}

/** The whole file. */
export interface SharedVectors {
  readonly suite: string;
  readonly constants: {
    readonly B: string;
    readonly g: string;
    readonly gMessage: string;
    readonly gDst: string;
    readonly order: string;
  };
  readonly sets: readonly VectorSet[];
  readonly cases: readonly VectorCase[];
}

/**
 * The vectors from the folder that TSEAL_DATA names, by default `../shared/data/tseal` beside the
 * checkout; undefined where there are none, in which case tests say that they skip.
 */
export function loadSharedVectors(): SharedVectors | undefined {
  const root = resolve(__dirname, '../../..');
  const folder = process.env['TSEAL_DATA'] ?? join(root, '../shared/data/tseal');
  const path = join(folder, 'vectors.json');
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as SharedVectors;
}
