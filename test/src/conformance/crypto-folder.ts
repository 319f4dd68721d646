import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority } from './certificate-issuer';
import type { Credentials } from './network-driver';

/** The material of an organization below a folder with the layout of cryptogen. */
export class CryptoFolder {
  readonly #folder: string;
  readonly #mspId: string;
  readonly #domain: string;

  /** @param parts.root the folder `organizations` */
  constructor(parts: { root: string; mspId: string; domain: string }) {
    const places = ['peerOrganizations', 'ordererOrganizations', '.'];
    const found = places
      .map((place) => join(parts.root, place, parts.domain))
      .find((folder) => existsSync(folder));
    if (found === undefined) throw new Error(`no ${parts.domain} below ${parts.root}`);
    this.#folder = found;
    this.#mspId = parts.mspId;
    this.#domain = parts.domain;
  }

  /** The CA that signs the organization's identities. */
  async authority(): Promise<Authority> {
    const folder = join(this.#folder, 'ca');
    return {
      certificatePem: await onlyFile(folder, (name) => name.endsWith('-cert.pem')),
      privateKeyPem: await onlyFile(folder, (name) => name.endsWith('_sk')),
    };
  }

  /** The signing identity of a peer, such as `peer0`. */
  async peer(name: string): Promise<Credentials> {
    const folder = join(this.#folder, 'peers', `${name}.${this.#domain}`, 'msp');
    return {
      mspId: this.#mspId,
      certificatePem: await onlyFile(join(folder, 'signcerts')),
      privateKeyPem: await onlyFile(join(folder, 'keystore')),
    };
  }
}

async function onlyFile(
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<string> {
  const [name, ...others] = (await readdir(folder)).filter(isWanted);
  if (name === undefined || others.length > 0) throw new Error(`not one such file in ${folder}`);
  return readFile(join(folder, name), 'utf8');
}
