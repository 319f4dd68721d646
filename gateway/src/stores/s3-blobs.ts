import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import type { Stored } from '@procurement/protocol';
import type { S3Place } from '../config/store-settings';
import { OCTETS } from '../http/octets';
import type { Blob, Blobs } from './blobs';

/** The library would write to the console; what goes wrong is thrown, and told by whoever asked. */
const quiet = (): void => undefined;
const QUIET = { debug: quiet, error: quiet, info: quiet, trace: quiet, warn: quiet };

/**
 * {@link Blobs} as objects of a bucket, `<store>/<hash>`, so that two stores that share a bucket
 * share no object. Credentials come from where every program of S3 looks for them,
 * `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` first.
 */
export class S3Blobs implements Blobs {
  readonly #s3: typeof S3;
  readonly #client: S3.S3Client;
  readonly #bucket: string;
  readonly #storeId: string;

  private constructor(s3: typeof S3, { bucket, endpoint, region }: S3Place, storeId: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#storeId = storeId;
    this.#client = new s3.S3Client({
      region,
      logger: QUIET,
      // Not every store knows the checksums that the library would add; ours is asked for below.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    });
  }

  /** @param storeId name of the store whose objects these are */
  static async open(place: S3Place, storeId: string): Promise<S3Blobs> {
    // A large library that most gateways do not need.
    return new S3Blobs(await import('@aws-sdk/client-s3'), place, storeId);
  }

  async keep(file: string, { ctHash, ctLen }: Stored): Promise<void> {
    await this.#client.send(
      new this.#s3.PutObjectCommand({
        ...this.#addressOf(ctHash),
        Body: createReadStream(file),
        ContentLength: ctLen,
        ContentType: OCTETS,
        ChecksumSHA256: Buffer.from(ctHash, 'base64url').toString('base64'),
      }),
    );
  }

  async find(ctHash: string): Promise<Blob | undefined> {
    try {
      const found = await this.#client.send(new this.#s3.GetObjectCommand(this.#addressOf(ctHash)));
      const { Body: stream, ContentLength: length } = found;
      if (!(stream instanceof Readable) || length === undefined) {
        throw new TypeError('the store answered without an object');
      }
      return { length, stream };
    } catch (error) {
      if (error instanceof this.#s3.NoSuchKey) return undefined;
      throw error;
    }
  }

  close(): void {
    this.#client.destroy();
  }

  #addressOf(ctHash: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#storeId}/${ctHash}` };
  }
}
