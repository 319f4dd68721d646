/** Secrets in files: encrypted under a passphrase, readable by their owner only. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import {
  concatBytes,
  encodeCanonical,
  fromBase64url,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { check } from '../../check';
import { readJson, replaceSecret, writeSecret } from '../files';

/** What a secret is for; one kind is never taken for another. */
export type SecretKind = 'signing-key' | 'opening-key' | 'bid-secret';

/** What may be known of a secret without its passphrase; changed, the file does not open. */
export type About = Readonly<Record<string, string | number>>;

/** The passphrase is not the one of the file, or the file was changed. */
export class PassphraseError extends Error {
  override readonly name = 'PassphraseError';
}

interface Sealing {
  readonly schema: 'encrypted/1';
  readonly kind: SecretKind;
  readonly about: About;
  readonly kdf: Kdf;
  readonly cipher: { readonly name: 'AES-256-GCM'; readonly nonce: string };
}

/** What a derivation costs (RFC 7914 section 2). */
interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** How a key is derived from a passphrase. */
export interface Kdf extends Cost {
  readonly name: 'scrypt';
  /** base64url */
  readonly salt: string;
}

type EncryptedFile = Sealing & { readonly ciphertext: string };

/** 128 MiB and some tenths of a second for every guess (RFC 7914 section 2; OWASP's first choice). */
const COST = { N: 131_072, r: 8, p: 1 } as const;
/** A file that asks for more was not written here, and would keep the machine busy. */
const COST_MAX = { N: 1_048_576, r: 16, p: 4 } as const;
const KEY_LENGTH = 32;
const SALT_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const CIPHER = 'aes-256-gcm';
/** Fewer characters than this are no passphrase. */
const PASSPHRASE_LENGTH_MIN = 8;

/**
 * A passphrase and how keys are derived from it. All files of a folder share one derivation, so
 * that a command waits for it once.
 */
export class Lock {
  readonly kdf: Kdf;
  readonly #passphrase: string;
  readonly #keys = new Map<string, Promise<Buffer>>();

  /** @throws {PassphraseError} where the passphrase is too short */
  constructor(passphrase: string, kdf: Kdf) {
    const isLong = passphrase.length >= PASSPHRASE_LENGTH_MIN;
    if (!isLong) {
      throw new PassphraseError(`a passphrase has at least ${PASSPHRASE_LENGTH_MIN} characters`);
    }
    this.#passphrase = passphrase;
    this.kdf = kdf;
  }

  /**
   * A lock for a new folder.
   * @param cost of a derivation; less than the default is for tests
   * @throws {PassphraseError} where the passphrase is too short
   */
  static create(passphrase: string, cost: Cost = COST): Lock {
    const salt = toBase64url(randomBytes(SALT_LENGTH));
    return new Lock(passphrase, { name: 'scrypt', ...cost, salt });
  }

  /** The key of a file, 32 bytes. */
  keyFor(kdf: Kdf): Promise<Buffer> {
    const name = encodeCanonical(kdf);
    const key = this.#keys.get(name) ?? this.#derive(kdf);
    this.#keys.set(name, key);
    return key;
  }

  #derive({ N, r, p, salt }: Kdf): Promise<Buffer> {
    // The same characters may be typed as different code points.
    const text = this.#passphrase.normalize('NFKC');
    const maxmem = 256 * N * r + 1024 * 1024;
    return derive(text, fromBase64url(salt), KEY_LENGTH, { N, r, p, maxmem });
  }
}

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

/**
 * Writes a secret into a new file of mode 0600.
 * @param secret.replace whether an earlier file gives way, in one step; else it stays and this
 * fails
 */
export async function writeEncrypted(
  file: string,
  secret: {
    readonly kind: SecretKind;
    readonly about: About;
    readonly bytes: Uint8Array;
    readonly lock: Lock;
    readonly replace?: boolean;
  },
): Promise<void> {
  const { kind, about, bytes, lock } = secret;
  const { kdf } = lock;
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = { name: 'AES-256-GCM', nonce: toBase64url(nonce) } as const;
  const sealing: Sealing = { schema: 'encrypted/1', kind, about, kdf, cipher };
  const encryption = createCipheriv(CIPHER, await lock.keyFor(kdf), nonce);
  encryption.setAAD(authenticated(sealing));
  const ciphertext = concatBytes(
    ...[encryption.update(bytes), encryption.final(), encryption.getAuthTag()],
  );
  const content: EncryptedFile = { ...sealing, ciphertext: toBase64url(ciphertext) };
  (secret.replace === true ? replaceSecret : writeSecret)(file, content);
}

/** What a file says of its secret; believed only once {@link readEncrypted} has opened it. */
export function readAbout(file: string, kind: SecretKind): About {
  return readSealed(file, kind).about;
}

/** The lock under which a file was written. */
export function lockOf(file: string, kind: SecretKind, passphrase: string): Lock {
  return new Lock(passphrase, readSealed(file, kind).kdf);
}

/**
 * The secret of a file and what stands beside it.
 * @throws {PassphraseError} where the passphrase is another one, or a single bit was changed
 * @throws {CheckFailed} where the file is none of this kind
 */
export async function readEncrypted(
  file: string,
  { kind, lock }: { readonly kind: SecretKind; readonly lock: Lock },
): Promise<{ readonly about: About; readonly bytes: Uint8Array }> {
  const { ciphertext, ...sealing } = readSealed(file, kind);
  const bytes = fromBase64url(ciphertext);
  check(bytes.length > TAG_LENGTH, `${file} is cut off`);
  const key = await lock.keyFor(sealing.kdf);
  try {
    const decryption = createDecipheriv(CIPHER, key, fromBase64url(sealing.cipher.nonce));
    decryption.setAAD(authenticated(sealing));
    decryption.setAuthTag(bytes.subarray(-TAG_LENGTH));
    const plain = [decryption.update(bytes.subarray(0, -TAG_LENGTH)), decryption.final()];
    return { about: sealing.about, bytes: concatBytes(...plain) };
  } catch (error) {
    throw new PassphraseError(
      `${file} does not open: the passphrase is another one, or the file was changed`,
      { cause: error },
    );
  }
}

function readSealed(file: string, kind: SecretKind): EncryptedFile {
  const value = readJson(file) as Partial<EncryptedFile>;
  const isKind = value.schema === 'encrypted/1' && value.kind === kind;
  check(isKind && typeof value.ciphertext === 'string', `${file} holds no ${kind}`);
  check(isKdf(value.kdf), `${file} asks for a key derivation that is not made here`);
  const isCipher = value.cipher?.name === 'AES-256-GCM' && isText(value.cipher.nonce);
  check(isCipher && isRecord(value.about), `${file} asks for a cipher that is not used here`);
  return value as EncryptedFile;
}

function isKdf(kdf: Partial<Kdf> | undefined): boolean {
  if (kdf?.name !== 'scrypt' || !isText(kdf.salt)) return false;
  return (['N', 'r', 'p'] as const).every((name) => {
    const value = kdf[name];
    return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= COST_MAX[name];
  });
}

function authenticated(sealing: Sealing): Uint8Array {
  return utf8(encodeCanonical(sealing));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
