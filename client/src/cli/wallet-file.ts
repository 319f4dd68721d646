import { readJson } from './files';
import { UsageError } from './usage-error';

const PEM_LINES = /-----[^-]+-----/g;

/**
 * Certificate and key of an identity file, as Fabric's wallets write it.
 * @throws {UsageError} where the file holds none
 */
export function readWalletFile(file: string): {
  readonly mspId: string;
  readonly certificate: string;
  readonly pkcs8: Uint8Array;
} {
  const { credentials, mspId } = readJson(file) as {
    readonly credentials?: { readonly certificate?: unknown; readonly privateKey?: unknown };
    readonly mspId?: unknown;
  };
  const { certificate, privateKey } = credentials ?? {};
  const isIdentity = [mspId, certificate, privateKey].every((text) => typeof text === 'string');
  if (!isIdentity) throw new UsageError(`${file} holds no identity with a certificate and its key`);
  const pkcs8 = Buffer.from(String(privateKey).replace(PEM_LINES, ''), 'base64');
  return { mspId: String(mspId), certificate: String(certificate), pkcs8 };
}
