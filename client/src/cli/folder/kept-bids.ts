/**
 * A vendor's bids in the vendor's folder: each version's envelope, its secret, what goes to stores,
 * and its receipt.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64url, isId, type QueryResult, toBase64url } from '@procurement/protocol';
import { type Committee, type Envelope, freezeCommittee, ready } from '@procurement/sealed';
import { check } from '../../check';
import { type Ciphertext, isStored, storedOf } from '../../document-store';
import type { BidSecret, BidSubmission, PreparedBid } from '../../sealing';
import { readJson, replaceJson, writeBytes, writeJson } from '../files';
import { UsageError } from '../usage-error';
import { type Lock, readEncrypted, writeEncrypted } from './encrypted-file';
import type { KeyFolder } from './key-folder';

const KIND = 'bid-secret';

/** A version of a bid, by name. */
export interface KeptBidName {
  readonly tenderId: string;
  readonly lotId: string;
  readonly version: number;
}

/** A version of a bid as it lies in the folder. */
export class KeptBid {
  readonly name: KeptBidName;
  readonly #folder: string;

  private constructor(folder: KeyFolder, name: KeptBidName) {
    this.name = name;
    const { tenderId, lotId, version } = name;
    this.#folder = folder.file('bids', tenderId, lotId, `v${version}`);
  }

  /**
   * Keeps what was sealed. The secret comes first: an envelope without it could not be opened by
   * its own vendor.
   */
  static async keep(
    folder: KeyFolder,
    prepared: PreparedBid & { readonly view: QueryResult<'tender:committee'> },
    lock: Lock,
  ): Promise<KeptBid> {
    const { submission, secret, view } = prepared;
    const { tenderId, bid, committeeHash, envelopeHash } = secret;
    const kept = new KeptBid(folder, { tenderId, lotId: bid.lotId, version: bid.version });
    mkdirSync(kept.#folder, { recursive: true, mode: 0o700 });
    const bytes = fromBase64url(secret.seed);
    const about = { tenderId, ...bid, committeeHash, envelopeHash };
    await writeEncrypted(kept.secretFile, { kind: KIND, about, bytes, lock });
    bytes.fill(0);
    kept.#keepCiphertexts(prepared);
    writeJson(kept.envelopeFile, submission);
    writeJson(kept.#committeeFile, view);
    return kept;
  }

  #keepCiphertexts({ ciphertexts, stores }: PreparedBid): void {
    if (ciphertexts.length === 0) return;
    mkdirSync(this.#sealedFolder, { mode: 0o700 });
    for (const { ctHash, bytes } of ciphertexts)
      writeBytes(join(this.#sealedFolder, ctHash), bytes);
    writeJson(this.#storesFile, { stores });
  }

  /**
   * The latest version that was sealed for a lot, or the one that is named.
   * @throws {UsageError} where there is none
   */
  static find(
    folder: KeyFolder,
    { tenderId, lotId, version }: Omit<KeptBidName, 'version'> & { readonly version?: number },
  ): KeptBid {
    check(isId(tenderId) && isId(lotId), 'tender and lot are named by their ids');
    const path = folder.file('bids', tenderId, lotId);
    const versions = (existsSync(path) ? readdirSync(path) : [])
      .filter((name) => /^v\d{1,9}$/.test(name))
      .map((name) => Number(name.slice(1)));
    const wanted = version ?? Math.max(0, ...versions);
    if (!versions.includes(wanted)) {
      throw new UsageError(`${folder.path} holds no such bid for lot ${lotId} of ${tenderId}`);
    }
    return new KeptBid(folder, { tenderId, lotId, version: wanted });
  }

  get envelopeFile(): string {
    return join(this.#folder, 'envelope.json');
  }

  get secretFile(): string {
    return join(this.#folder, 'secret.json');
  }

  get #sealedFolder(): string {
    return join(this.#folder, 'sealed');
  }

  get #storesFile(): string {
    return join(this.#folder, 'stores.json');
  }

  get #committeeFile(): string {
    return join(this.#folder, 'committee.json');
  }

  /**
   * The committee for which the bid was sealed, from its records as they were then.
   * @throws {SealError} where they are no committee
   */
  async committee(): Promise<Committee> {
    await ready();
    const view = readJson(this.#committeeFile) as QueryResult<'tender:committee'>;
    return freezeCommittee({ ...view, keys: view.records });
  }

  get receiptFile(): string {
    return join(this.#folder, 'receipt.json');
  }

  /** What is handed in. */
  submission(): BidSubmission {
    return readJson(this.envelopeFile) as BidSubmission;
  }

  /** Keeps what is handed in together with the stores' receipts, so that the same is sent again. */
  keepSubmission(submission: BidSubmission): void {
    replaceJson(this.envelopeFile, submission);
  }

  /**
   * What goes to stores, from this folder.
   * @throws {CheckFailed} where a file is not what was sealed
   */
  async ciphertexts(): Promise<readonly Ciphertext[]> {
    return Promise.all(
      storedOf(this.submission()).map(async (stored) => {
        const file = join(this.#sealedFolder, stored.ctHash);
        const bytes = new Uint8Array(readFileSync(file));
        check(await isStored(bytes, stored), `${file} is not what was sealed`);
        return { ...stored, bytes };
      }),
    );
  }

  /** The bid's own ciphertext, where its envelope does not carry it. */
  async ciphertext(): Promise<Uint8Array | undefined> {
    const { ctHash, ref } = this.submission().envelope as Envelope;
    if (ref === undefined) return undefined;
    return (await this.ciphertexts()).find((one) => one.ctHash === ctHash)?.bytes;
  }

  /** Names of the two stores that the bid was sealed for; none where it needs none. */
  stores(): readonly string[] {
    if (!existsSync(this.#storesFile)) return [];
    return (readJson(this.#storesFile) as { readonly stores: readonly string[] }).stores;
  }

  /** @throws {PassphraseError | CheckFailed} */
  async secret(lock: Lock): Promise<BidSecret> {
    const { about, bytes } = await readEncrypted(this.secretFile, { kind: KIND, lock });
    const { tenderId, lotId, vendorId, vendorSpki, version, committeeHash, envelopeHash } = about;
    return {
      schema: 'bid-secret/1',
      tenderId: String(tenderId),
      bid: {
        ...{ lotId: String(lotId), vendorId: String(vendorId), vendorSpki: String(vendorSpki) },
        version: Number(version),
      },
      committeeHash: String(committeeHash),
      envelopeHash: String(envelopeHash),
      seed: toBase64url(bytes),
    };
  }

  /** Keeps what proves that the bid was handed in. */
  keepReceipt(receipt: object): void {
    replaceJson(this.receiptFile, receipt);
  }

  /** The receipt; undefined where none was kept. */
  receipt(): object | undefined {
    return existsSync(this.receiptFile) ? readJson(this.receiptFile) : undefined;
  }
}
