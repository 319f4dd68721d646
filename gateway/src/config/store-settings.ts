/** Settings of the gateway's store of sealed documents. */
import path from 'node:path';
import { z } from 'zod';
import { wholeNumber } from './whole-number';

/** A bucket of a store that speaks S3. */
export interface S3Place {
  readonly bucket: string;
  /** Address of the store where it is not Amazon's, such as `https://s3.example`. */
  readonly endpoint: string | undefined;
  readonly region: string;
}

/** The most that a store keeps for one vendor and one tender. */
export interface StoreQuota {
  readonly bytes: number;
  /** Ciphertexts. */
  readonly count: number;
}

/** Where a gateway keeps sealed documents, and how many. */
export interface StoreSettings {
  /** Absolute path of the folder with the store's key and, where there is no bucket, all it keeps. */
  readonly folder: string;
  /** The bucket that keeps them instead. */
  readonly s3: S3Place | undefined;
  readonly quota: StoreQuota;
}

const MIB = 1024 * 1024;
/** Three times as much as one bid can have, with every document as long as a store takes. */
const QUOTA_MIB = 4096;
const QUOTA_COUNT = 1000;
const QUOTA_MAX = 999_999_999;

const ADDRESS = /^https?:\/\/[^/]+$/;
/** What stores that are not Amazon's take for their region. */
const REGION = 'us-east-1';

/** The settings as environment variables. */
export const storeEnvironment = {
  PROCUREMENT_STORE: z
    .enum(['folder', 's3', 'none'], 'must be folder, s3 or none')
    .default('folder'),
  PROCUREMENT_STORE_FOLDER: z.string().min(1, 'must name a folder').optional(),
  PROCUREMENT_STORE_QUOTA_MIB: wholeNumber(QUOTA_MAX, QUOTA_MIB),
  PROCUREMENT_STORE_QUOTA_COUNT: wholeNumber(QUOTA_MAX, QUOTA_COUNT),
  PROCUREMENT_S3_BUCKET: z.string().min(1, 'must name a bucket').optional(),
  PROCUREMENT_S3_ENDPOINT: z
    .string()
    .regex(ADDRESS, 'must be an address without a path, such as https://s3.example')
    .optional(),
  PROCUREMENT_S3_REGION: z.string().min(1, 'must name a region').default(REGION),
} as const;

type StoreValues = z.output<z.ZodObject<typeof storeEnvironment>>;

/** Asks for a bucket where the store is one. */
export function requireBucket(values: StoreValues, context: z.RefinementCtx): void {
  if (values.PROCUREMENT_STORE !== 's3' || values.PROCUREMENT_S3_BUCKET !== undefined) return;
  const message = 'must name a bucket, since PROCUREMENT_STORE is s3';
  context.addIssue({ code: 'custom', path: ['PROCUREMENT_S3_BUCKET'], message });
}

/**
 * The store's settings; undefined where there is to be no store.
 * @param dataFolder the gateway's data folder, in which the store's lies by default
 */
export function storeSettings(values: StoreValues, dataFolder: string): StoreSettings | undefined {
  if (values.PROCUREMENT_STORE === 'none') return undefined;
  const folder = path.resolve(values.PROCUREMENT_STORE_FOLDER ?? path.join(dataFolder, 'store'));
  const bytes = values.PROCUREMENT_STORE_QUOTA_MIB * MIB;
  const quota = { bytes, count: values.PROCUREMENT_STORE_QUOTA_COUNT };
  const { PROCUREMENT_S3_BUCKET: bucket } = values;
  if (values.PROCUREMENT_STORE === 'folder' || bucket === undefined) {
    return { folder, s3: undefined, quota };
  }
  const { PROCUREMENT_S3_ENDPOINT: endpoint, PROCUREMENT_S3_REGION: region } = values;
  return { folder, s3: { bucket, endpoint, region }, quota };
}
