import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText, writePrivate, writePublic } from './crypto-files';
import { loadKey } from './key-pair';
import type { CertifiedKey } from './key-pair';
import { homeFolder } from './crypto-layout';
import type { OrganizationPlace } from './crypto-layout';
import type { OrganizationFolder } from './organization-crypto';

const rootFile = 'ca.crt';

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
  readonly client: ChaincodeClientTls;
}

/** What a peer shows to its chaincode, and expects of it; PEM. It goes into the package. */
export interface ChaincodeClientTls extends CertifiedKey {
  readonly rootCertificatePem: string;
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
  const folder = folderOf(root, { organization, chaincode });
  const host = `${chaincode}.${organization.domain}`;
  const server = filesOf(folder, 'server');
  const client = filesOf(folder, 'client');
  const clientCaFile = join(folder, rootFile);
  // The root is written last, so where it is the others are.
  if (!existsSync(clientCaFile)) {
    await write(server, await tlsCa.enrolTlsServer(host));
    await write(client, await tlsCa.enrolTlsClient(`peers.${host}`));
    await writePublic({ path: clientCaFile, text: tlsCa.certificatePem });
  }
  return { server: { ...server, clientCaFile }, client: await loadClient(folder) };
}

/**
 * The client's end of what {@link loadOrCreateChaincodeTls} has made. No CA key is needed.
 * @param root the folder `organizations`
 * @throws CryptoStoreError when a file is missing or cannot be read
 */
export function loadChaincodeClientTls(
  root: string,
  place: ChaincodePlace,
): Promise<ChaincodeClientTls> {
  return loadClient(folderOf(root, place));
}

interface ChaincodePlace {
  readonly organization: OrganizationPlace;
  /** Name of the chaincode. */
  readonly chaincode: string;
}

function folderOf(root: string, { organization, chaincode }: ChaincodePlace): string {
  return join(homeFolder(root, organization), 'chaincodes', chaincode);
}

async function loadClient(folder: string): Promise<ChaincodeClientTls> {
  const { certificatePem, privateKeyPem } = await loadKey(filesOf(folder, 'client'));
  const rootCertificatePem = await readText(join(folder, rootFile));
  return { certificatePem, privateKeyPem, rootCertificatePem };
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
