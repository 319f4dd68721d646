import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { ESTIMATE_VENDOR_ID, STORED_BYTES_MAX, storeReceiptMessage } from '@procurement/protocol';
import type { Stored, StoreReceipt } from '@procurement/protocol';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Identities } from '../identity/identities';
import { EvaluateRefused } from '../ledger/stage-errors';
import { QueryService } from '../transactions/query.service';
import type { Blob } from './blobs';
import { STORE } from './open-store';
import type { Store } from './open-store';
import { StoreRefused } from './store-errors';
import type { StoreOwner } from './store-usage';

/** The bid for which something is kept, and whose it is. */
export interface KeptFor extends StoreOwner {
  readonly bidKey: string;
  readonly version: number;
  /** The agency of an officer, who hands in the official estimate. */
  readonly agency: string | undefined;
}

/** A body that is still coming in. */
export interface Incoming {
  readonly bytes: Readable;
  /** How long its sender says it is; no more than that can come. */
  readonly announced: number | undefined;
}

/** Keeps sealed documents by their hash and signs for them. It never looks into them. */
@Injectable()
export class StoreService implements OnApplicationShutdown {
  readonly #logger = new Logger(StoreService.name);

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(STORE) private readonly store: Store,
    private readonly identities: Identities,
    private readonly queries: QueryService,
  ) {}

  onApplicationShutdown(): void {
    this.store.blobs.close();
  }

  /**
   * Takes bytes in, checks their hash while they come, and signs once they are safe.
   * @throws StoreRefused STORE_LENGTH, STORE_EMPTY, STORE_SIZE, STORE_TENDER,
   *   STORE_ESTIMATE, STORE_QUOTA, STORE_HASH or STORE_DOWN; nothing is signed then, and nothing
   *   left of what came
   */
  async keep(incoming: Incoming, ctHash: string, about: KeptFor): Promise<StoreReceipt> {
    const ctLen = sizeOf(incoming);
    await this.#requireBidding(about);
    const room = await this.store.usage.hold(about, { ctHash, ctLen });
    const file = path.join(this.store.incoming, randomUUID());
    try {
      const stored = await receive(incoming.bytes, file);
      if (stored.ctHash !== ctHash) throw new StoreRefused('STORE_HASH', { sha256: stored.ctHash });
      await this.#reach(this.store.blobs.keep(file, stored));
      await room.use();
      return await this.#sign(stored, about);
    } finally {
      room.release();
      await rm(file, { force: true });
    }
  }

  /** @throws StoreRefused STORE_NOT_FOUND or STORE_DOWN */
  async find(ctHash: string): Promise<Blob> {
    const found = await this.#reach(this.store.blobs.find(ctHash));
    if (found === undefined) throw new StoreRefused('STORE_NOT_FOUND', { sha256: ctHash });
    return found;
  }

  /** What a tender does not need is kept for none, so that no made-up one has room of its own. */
  async #requireBidding({ tenderId, vendorId, agency }: KeptFor): Promise<void> {
    const query = { name: 'tender:get', input: { tenderId } } as const;
    const tender = await this.queries
      .run(this.identities.service, query)
      .catch((error: unknown) => {
        if (error instanceof EvaluateRefused) return undefined;
        throw error;
      });
    if (tender?.state !== 'published') throw new StoreRefused('STORE_TENDER', { tenderId });
    const isOwner = vendorId !== ESTIMATE_VENDOR_ID || agency === tender.buyer.agency;
    if (!isOwner) throw new StoreRefused('STORE_ESTIMATE', { tenderId });
  }

  /** What the place behind this store answers. */
  async #reach<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      this.#logger.error(error instanceof Error ? error.stack : String(error));
      throw new StoreRefused('STORE_DOWN');
    }
  }

  async #sign(stored: Stored, { bidKey, version }: KeptFor): Promise<StoreReceipt> {
    const { channel, chaincode } = this.settings;
    const { storeId, key } = this.store;
    const message = storeReceiptMessage({ channel, chaincode, bidKey, version, ...stored });
    const signature = Buffer.from(await key.sign(message)).toString('base64url');
    return { store: storeId, ...stored, signature };
  }
}

/** Before the first byte is read, so that nothing of what is too long reaches the disk. */
function sizeOf({ announced }: Incoming): number {
  if (announced === undefined) throw new StoreRefused('STORE_LENGTH');
  if (announced === 0) throw new StoreRefused('STORE_EMPTY');
  if (announced > STORED_BYTES_MAX) throw new StoreRefused('STORE_SIZE', { max: STORED_BYTES_MAX });
  return announced;
}

/** Writes bytes to a new file, through to the disk. @returns their hash and length */
async function receive(bytes: Readable, file: string): Promise<Stored> {
  const hash = createHash('sha256');
  let ctLen = 0;
  const measured = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const part of source) {
      ctLen += part.length;
      hash.update(part);
      yield part;
    }
  };
  const written = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(bytes, measured, written);
  return { ctHash: hash.digest('base64url'), ctLen };
}
