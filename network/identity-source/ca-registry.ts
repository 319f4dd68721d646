import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { FolderLock } from '../machine/folder-lock';
import { CryptoStoreError, readText, writePrivate } from '../certificates/crypto-files';
import type { NodeRole } from '../certificates/organization-msp';

/** A certificate that the CA issued. */
export interface IssuedCertificate {
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  /** When it was revoked, ISO 8601; absent while it is good. */
  revokedAt?: string;
}

/** Someone whom the CA knows. */
export interface RegistryEntry {
  readonly name: string;
  readonly type: NodeRole;
  readonly attributes: Readonly<Record<string, string>>;
  /** May register, revoke and ask for revocation lists. */
  readonly isRegistrar: boolean;
  /** Absent where nobody was ever told a secret: see CertificateOffice.holderOf. */
  readonly secretHash?: string;
  /** How often the secret may still be used; absent: any number of times. */
  enrolmentsLeft?: number;
  isRevoked: boolean;
  readonly certificates: IssuedCertificate[];
}

const saltBytes = 16;
const hashBytes = 32;

/** A change takes some milliseconds. */
const lockTimeoutMs = 10_000;

/** Whom a CA knows and what it issued: one file beside its key, readable by its owner only. */
export class CaRegistry {
  readonly #path: string;
  readonly #entries: Map<string, RegistryEntry>;

  private constructor(path: string, entries: readonly RegistryEntry[]) {
    this.#path = path;
    this.#entries = new Map(entries.map((one) => [one.name, one]));
  }

  /** As the file has it at the moment. @throws CryptoStoreError when the file is unreadable */
  static async read(path: string): Promise<CaRegistry> {
    if (!existsSync(path)) return new CaRegistry(path, []);
    return new CaRegistry(path, JSON.parse(await readText(path)) as RegistryEntry[]);
  }

  /**
   * Carries out a change on the file as it is, while no other process can; nothing remains of a
   * change that fails. The lock is the folder `registry.lock` beside the file.
   * @throws CryptoStoreError when another process does not come to an end, and whatever `make` does
   */
  static async change<T>(path: string, make: (registry: CaRegistry) => T | Promise<T>): Promise<T> {
    const lock = await FolderLock.await(`${path.replace(/\.json$/, '')}.lock`, lockTimeoutMs);
    if (!lock) throw new CryptoStoreError(`another process does not let go of ${path}`);
    try {
      const registry = await CaRegistry.read(path);
      const result = await make(registry);
      await registry.#save();
      return result;
    } finally {
      await lock.release();
    }
  }

  find(name: string): RegistryEntry | undefined {
    return this.#entries.get(name);
  }

  add(entry: RegistryEntry): void {
    this.#entries.set(entry.name, entry);
  }

  /** The owner of a certificate; undefined when this CA did not issue it. */
  ownerOf(serial: string): RegistryEntry | undefined {
    return [...this.#entries.values()].find((entry) =>
      entry.certificates.some((one) => one.serial === serial),
    );
  }

  /** Every certificate ever revoked. */
  revoked(): { serial: string; at: Date }[] {
    return [...this.#entries.values()]
      .flatMap((entry) => entry.certificates)
      .flatMap(({ serial, revokedAt }) =>
        revokedAt === undefined ? [] : [{ serial, at: new Date(revokedAt) }],
      );
  }

  /** Writes the file in one step. */
  async #save(): Promise<void> {
    const text = `${JSON.stringify([...this.#entries.values()], undefined, 1)}\n`;
    await writePrivate({ path: this.#path, text });
  }
}

/** By the word that stands behind salt and hash. */
const derivations = {
  /** Makes every guess dear. */
  scrypt: (secret: string, salt: Buffer) => scryptSync(secret, salt, hashBytes),
  /** For what nobody can guess: it takes next to no time. */
  sha256: (secret: string, salt: Buffer) =>
    createHash('sha256').update(salt).update(secret).digest(),
} as const;

/**
 * Salt, hash and how it was made, for {@link isSecret}.
 * @param options.isRandom whether the secret is of a random generator, so that no guess can hit it
 */
export function hashSecret(secret: string, options: { readonly isRandom: boolean }): string {
  const salt = randomBytes(saltBytes);
  const way = options.isRandom ? 'sha256' : 'scrypt';
  return [salt.toString('hex'), derivations[way](secret, salt).toString('hex'), way].join(':');
}

/** Whether a secret is the one that was hashed. */
export function isSecret(secret: string, hashed: string | undefined): boolean {
  if (hashed === undefined) return false;
  const [salt = '', hash = '', way = 'scrypt'] = hashed.split(':');
  const derive = way === 'sha256' ? derivations.sha256 : derivations.scrypt;
  return timingSafeEqual(derive(secret, Buffer.from(salt, 'hex')), Buffer.from(hash, 'hex'));
}
