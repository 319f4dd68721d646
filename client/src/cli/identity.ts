import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PinnedRoots } from '../signing/roots';
import { importPrivateKey, newSigner, type Signer } from '../signing/signer';
import { UsageError } from './exit-code';
import { readJson } from './files';

const ROOT_ENDING = '.pem';
const PEM_LINES = /-----[^-]+-----/g;

/**
 * The signer of an identity file, as Fabric's wallets write it: certificate and private key. The
 * key is used on this machine and sent nowhere.
 * @throws {UsageError} where the file holds no identity
 */
export async function readIdentity(file: string): Promise<Signer> {
  const { credentials, mspId } = readJson(file) as {
    readonly credentials?: { readonly certificate?: unknown; readonly privateKey?: unknown };
    readonly mspId?: unknown;
  };
  const { certificate, privateKey } = credentials ?? {};
  const isIdentity = [mspId, certificate, privateKey].every((text) => typeof text === 'string');
  if (!isIdentity) throw new UsageError(`${file} holds no identity with a certificate and its key`);
  const pkcs8 = Buffer.from(String(privateKey).replace(PEM_LINES, ''), 'base64');
  const key = await importPrivateKey(pkcs8).catch(() => {
    throw new UsageError(`the key in ${file} is none of P-256 in PKCS #8`);
  });
  return newSigner({ mspId: String(mspId), certificate: String(certificate) }, key);
}

/**
 * The roots that this device pins: one `<MSP id>.pem` for each organisation, got from that
 * organisation itself.
 * @throws {UsageError} where the folder holds none
 */
export function readRoots(folder: string): PinnedRoots {
  const files = readdirSync(folder).filter((name) => name.endsWith(ROOT_ENDING));
  if (files.length === 0) throw new UsageError(`${folder} holds no <MSP id>${ROOT_ENDING}`);
  return Object.fromEntries(
    files.map((name) => [basename(name, ROOT_ENDING), [readFileSync(join(folder, name), 'utf8')]]),
  );
}
