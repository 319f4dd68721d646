/** Where a device keeps its owner's key between two visits. */
import type { KeyPair } from '../signing/signer';

/** A person's key and, once the organisation has given one, its certificate. */
export interface StoredKey {
  readonly keys: KeyPair;
  /** PEM; undefined before the enrolment. */
  readonly certificate: string | undefined;
}

/** Keys by name. None of them can be taken out of it, not even by whoever runs this code. */
export interface KeyStore {
  /** Makes a key. @throws {Error} where there is one of this name: it would be lost */
  make(name: string): Promise<StoredKey>;
  /** The key of a name; undefined where there is none. */
  find(name: string): Promise<StoredKey | undefined>;
  /** Keeps the certificate of a key that is there. */
  keepCertificate(name: string, certificate: string): Promise<void>;
  /** Destroys a key. */
  remove(name: string): Promise<void>;
}
