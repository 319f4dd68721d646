import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate, writePublic } from './crypto-files';
import { loadKey } from './key-pair';
import type { CertifiedKey } from './key-pair';
import { homeFolder } from './crypto-layout';
import type { OrganizationFolder } from './organization-crypto';

/** What the process of a chaincode with mutual TLS is started with: paths of PEM files. */
export interface ChaincodeServerTls {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Whoever connects must have a certificate of this CA. */
  readonly clientCaFile: string;
}

/** The two ends of the connection between the peers of an organization and its chaincode. */
export interface ChaincodeTlsMaterial {
  readonly server: ChaincodeServerTls;
  /** PEM; goes into the package. */
  readonly client: CertifiedKey & { readonly rootCertificatePem: string };
}

/**
 * Keys and certificates of the organization's TLS CA for a chaincode, made when they are first
 * asked for: `chaincodes/<name>/{server,client}.{crt,key}` and `ca.crt` in the organization's
 * folder.
 * @throws CryptoStoreError when a file cannot be read
 */
export async function loadOrCreateChaincodeTls(
  opened: OrganizationFolder,
  chaincode: string,
): Promise<ChaincodeTlsMaterial> {
  const { organization, root, tlsCa } = opened;
  const folder = join(homeFolder(root, organization), 'chaincodes', chaincode);
  const host = `${chaincode}.${organization.domain}`;
  const server = filesOf(folder, 'server');
  const client = filesOf(folder, 'client');
  const clientCaFile = join(folder, 'ca.crt');
  // The root is written last, so where it is the others are.
  if (!existsSync(clientCaFile)) {
    await write(server, await tlsCa.enrolTlsServer(host));
    await write(client, await tlsCa.enrolTlsClient(`peers.${host}`));
    await writePublic({ path: clientCaFile, text: tlsCa.certificatePem });
  }
  const { certificatePem, privateKeyPem } = await loadKey(client);
  return {
    server: { ...server, clientCaFile },
    client: { certificatePem, privateKeyPem, rootCertificatePem: tlsCa.certificatePem },
  };
}

interface KeyFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

function filesOf(folder: string, owner: 'server' | 'client'): KeyFiles {
  return {
    certificateFile: join(folder, `${owner}.crt`),
    keyFile: join(folder, `${owner}.key`),
  };
}

async function write(files: KeyFiles, key: CertifiedKey): Promise<void> {
  await writePublic({ path: files.certificateFile, text: key.certificatePem });
  await writePrivate({ path: files.keyFile, text: key.privateKeyPem });
}
