/**
 * The folder in which a person keeps everything that is theirs: the encrypted key, its certificate,
 * the roots that they trust, opening keys and bids. Nothing of a key ever leaves it.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { derOfRaw, fromBase64url, toBase64url, utf8 } from '@procurement/protocol';
import { check } from '../../check';
import { certificateFacts } from '../../keys/certificate-facts';
import { spkiOf } from '../../keys/enrolment';
import { type PinnedRoots, readCertificate } from '../../signing/roots';
import {
  type CryptoKey,
  importPrivateKey,
  importPublicKey,
  isSignatureOf,
  type KeyPair,
  newKeyPair,
  newSigner,
  type Signer,
  signRaw,
} from '../../signing/signer';
import { UsageError } from '../usage-error';
import { readJson, replaceJson, replaceText } from '../files';
import { Lock, lockOf, readAbout, readEncrypted, writeEncrypted } from './encrypted-file';
import { type Fingerprints, pin, type Pins, readPinned } from './pinned-roots';

/** Whose folder it is, and where their gateways and CA are. */
export interface FolderSettings {
  readonly schema: 'key-folder/1';
  /** The enrolment id, which is also the common name of the certificate. */
  readonly name: string;
  readonly mspId: string;
  /** Address of the gateway that is used, without a path. */
  readonly gateway: string;
  /** Address of another organisation's gateway, which must tell the same. */
  readonly witness?: string;
  /** The organisation's CA, once it was used; `tlsRoot` is PEM. */
  readonly ca?: { readonly url: string; readonly tlsRoot?: string };
}

/** A public key, to be named without the passphrase. */
export interface PublicKey {
  /** SHA-256 of the SubjectPublicKeyInfo, base64url. */
  readonly spki: string;
  /** SubjectPublicKeyInfo, DER, base64url. */
  readonly publicKey: string;
}

/** Which of the two keys: the present one, or the one that is to take its place. */
export type Which = 'present' | 'next';

export { Lock };

const OWNER_ONLY = 0o700;
const SETTINGS = 'procure.json';
const KEY_FILES = { present: 'key.json', next: 'key.next.json' } as const;
const CERTIFICATE_FILES = { present: 'certificate.pem', next: 'certificate.next.pem' } as const;

/** A person's folder. */
export class KeyFolder {
  readonly path: string;
  #settings: FolderSettings;

  private constructor(path: string, settings: FolderSettings) {
    this.path = path;
    this.#settings = settings;
  }

  /**
   * Makes a folder with a new key, which never was anywhere else.
   * @param options.roots what each organisation itself gave out
   * @param options.configurations blocks of configuration that they gave out, if any
   * @throws {UsageError} where the folder holds a key already
   */
  static async create(options: {
    readonly path: string;
    readonly settings: Omit<FolderSettings, 'schema'>;
    readonly roots: PinnedRoots;
    readonly configurations?: readonly Uint8Array[];
    readonly lock: Lock;
    /** A key and certificate that are there already; a new key where they are left out. */
    readonly existing?: { readonly pkcs8: Uint8Array; readonly certificate: string } | undefined;
  }): Promise<{ readonly folder: KeyFolder; readonly fingerprints: Fingerprints }> {
    const { path, roots, configurations = [], lock, existing } = options;
    if (existsSync(join(path, KEY_FILES.present))) throw new UsageError(`${path} holds a key`);
    mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
    chmodSync(path, OWNER_ONLY);
    const settings: FolderSettings = { schema: 'key-folder/1', ...options.settings };
    const folder = new KeyFolder(path, settings);
    const fingerprints = await pin(folder.file('roots'), { roots, configurations });
    if (existing === undefined) await folder.newKey(lock, 'present');
    else await folder.#takeExisting(existing, lock);
    replaceJson(folder.file(SETTINGS), settings);
    return { folder, fingerprints };
  }

  /** @throws {UsageError} where there is no such folder */
  static open(path: string): KeyFolder {
    const file = join(path, SETTINGS);
    if (!existsSync(file)) {
      throw new UsageError(`${path} is no key folder; "procure keys new" makes one`);
    }
    const settings = readJson(file) as { readonly [Name in keyof FolderSettings]: unknown };
    const isSettings = [settings.name, settings.mspId, settings.gateway].every(
      (text) => typeof text === 'string',
    );
    check(isSettings && settings.schema === 'key-folder/1', `${file} is not as it is written here`);
    return new KeyFolder(path, settings as FolderSettings);
  }

  get settings(): FolderSettings {
    return this.#settings;
  }

  /** Notes where the organisation's CA is, for the renewal. */
  rememberCa(ca: NonNullable<FolderSettings['ca']>): void {
    this.#settings = { ...this.#settings, ca };
    replaceJson(this.file(SETTINGS), this.#settings);
  }

  /** A path inside the folder. */
  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** The lock of everything in the folder. Whether the passphrase fits is seen at its first use. */
  lock(passphrase: string): Lock {
    return lockOf(this.file(KEY_FILES.present), 'signing-key', passphrase);
  }

  /** @throws {CheckFailed} where a root is not the one that was pinned */
  async roots(): Promise<PinnedRoots> {
    return (await this.pins()).roots;
  }

  /** @throws {CheckFailed} where something is not as it was pinned */
  pins(): Promise<Pins> {
    return readPinned(this.file('roots'));
  }

  /** The certificate, PEM; undefined before the enrolment. */
  certificate(which: Which = 'present'): string | undefined {
    const file = this.file(CERTIFICATE_FILES[which]);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  /** Whether a key is there that is to take the present one's place. */
  hasNext(): boolean {
    return existsSync(this.file(KEY_FILES.next));
  }

  /** The public key, without the passphrase. */
  publicKey(which: Which = 'present'): PublicKey {
    const { spki, publicKey } = readAbout(this.file(KEY_FILES[which]), 'signing-key');
    return { spki: String(spki), publicKey: String(publicKey) };
  }

  /** Makes a key and keeps it, encrypted. */
  async newKey(lock: Lock, which: Which): Promise<void> {
    const made = await newKeyPair({ extractable: true });
    const { subtle } = globalThis.crypto;
    const pkcs8 = new Uint8Array(await subtle.exportKey('pkcs8', made.privateKey));
    await this.#keep({ pkcs8, publicKey: made.publicKey }, lock, which);
    pkcs8.fill(0);
  }

  async #takeExisting(
    { pkcs8, certificate }: { readonly pkcs8: Uint8Array; readonly certificate: string },
    lock: Lock,
  ): Promise<void> {
    const { rawData } = readCertificate(certificate).publicKey;
    const publicKey = await importPublicKey(new Uint8Array(rawData));
    const privateKey = await importPrivateKey(pkcs8);
    const message = utf8('one key');
    const signature = derOfRaw(await signRaw(privateKey, message));
    const isOne = await isSignatureOf({ publicKey, message, signature });
    check(isOne, 'the certificate is of another key');
    await this.#keep({ pkcs8, publicKey }, lock, 'present');
    await this.takeCertificate(certificate);
  }

  async #keep(
    key: { readonly pkcs8: Uint8Array; readonly publicKey: CryptoKey },
    lock: Lock,
    which: Which,
  ): Promise<void> {
    const spki = await globalThis.crypto.subtle.exportKey('spki', key.publicKey);
    const { name, mspId } = this.settings;
    const publicKey = toBase64url(new Uint8Array(spki));
    const about = { name, mspId, spki: await spkiOf(key), publicKey };
    const file = this.file(KEY_FILES[which]);
    await writeEncrypted(file, { kind: 'signing-key', about, bytes: key.pkcs8, lock });
  }

  /** The key as PKCS #8, DER. Whoever asks for it overwrites it after use. */
  async pkcs8(lock: Lock, which: Which = 'present'): Promise<Uint8Array> {
    const file = this.file(KEY_FILES[which]);
    return (await readEncrypted(file, { kind: 'signing-key', lock })).bytes;
  }

  /** The key, which cannot be taken out of WebCrypto any more. */
  async keyPair(lock: Lock, which: Which = 'present'): Promise<KeyPair> {
    const pkcs8 = await this.pkcs8(lock, which);
    const privateKey = await importPrivateKey(pkcs8);
    pkcs8.fill(0);
    // The file has opened, so what stands beside the key in it is what was written.
    const { publicKey } = this.publicKey(which);
    return { privateKey, publicKey: await importPublicKey(fromBase64url(publicKey)) };
  }

  /** Keeps a certificate, which must be of the key. */
  async takeCertificate(pem: string, which: Which = 'present'): Promise<void> {
    const { spki } = await certificateFacts(pem);
    check(spki === this.publicKey(which).spki, 'the certificate is of another key');
    replaceText(this.file(CERTIFICATE_FILES[which]), pem);
  }

  /** Puts the next key and its certificate in the place of the present ones. */
  promoteNext(): void {
    // The key first: `settle` finishes what a loss of power leaves between the two.
    renameSync(this.file(KEY_FILES.next), this.file(KEY_FILES.present));
    renameSync(this.file(CERTIFICATE_FILES.next), this.file(CERTIFICATE_FILES.present));
  }

  /**
   * Who signs.
   * @throws {UsageError} before the enrolment
   * @throws {PassphraseError}
   */
  async signer(lock: Lock, which: Which = 'present'): Promise<Signer> {
    await this.#settle();
    const certificate = this.certificate(which);
    if (certificate === undefined) {
      throw new UsageError(`${this.path} has no certificate yet; run "procure keys enrol"`);
    }
    const { privateKey } = await this.keyPair(lock, which);
    return newSigner({ mspId: this.settings.mspId, certificate }, privateKey);
  }

  async #settle(): Promise<void> {
    const next = this.certificate('next');
    if (next === undefined || this.hasNext()) return;
    const { spki } = await certificateFacts(next);
    if (spki !== this.publicKey().spki) return;
    renameSync(this.file(CERTIFICATE_FILES.next), this.file(CERTIFICATE_FILES.present));
  }
}
