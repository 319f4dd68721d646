import { createRequire } from 'node:module';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CertificateAuthority } from '../embedded/src/identity/certificate-authority';
import { readText, writePrivate, writePublic } from '../embedded/src/identity/crypto-files';
import { homeFolder } from '../embedded/src/config/crypto-layout';
import { packageService } from '../lifecycle/chaincode-package';
import type { ChaincodePackage } from '../lifecycle/chaincode-package';
import { organizationOf } from '../topology';
import type { Organization } from '../topology';
import { startDaemon } from './daemon';
import type { NativeFolder } from './native-folder';
import { accepts, awaitDaemon } from './readiness';
import type { AwaitedDaemon } from './readiness';

/** A chaincode process of one organization, with all that is needed to start it again. */
export interface ChaincodeService {
  readonly channel: string;
  readonly name: string;
  readonly mspId: string;
  /** `name_version`. */
  readonly label: string;
  readonly packageId: string;
  readonly port: number;
  /** The chaincode package: a folder with `package.json` and the module it names. */
  readonly packageFolder: string;
  /** Variables that the chaincode reads. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What a service is made from; its package follows. */
export type ServiceRequest = Omit<ChaincodeService, 'packageId'>;

/** Files of the mutual TLS between a peer and its organization's chaincodes. */
interface TlsFiles {
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly root: string;
}

const loopback = '127.0.0.1';

/**
 * Packages a chaincode as a service of one organization: what a peer needs to dial it, its client
 * key and certificate included. Equal requests give equal packages.
 */
export async function packageOf(
  folder: NativeFolder,
  request: ServiceRequest,
): Promise<ChaincodePackage> {
  const files = await tlsFilesOf(folder, request.mspId);
  return packageService({
    label: request.label,
    connection: {
      address: `${loopback}:${String(request.port)}`,
      dial_timeout: '10s',
      tls_required: true,
      client_auth_required: true,
      client_key: await readText(files.clientKey),
      client_cert: await readText(files.clientCertificate),
      root_cert: await readText(files.root),
    },
  });
}

/** Starts the process of a service where it does not run, and waits until it listens. */
export async function startService(folder: NativeFolder, service: ChaincodeService): Promise<void> {
  const daemon = serviceDaemon(folder, service);
  const files = await tlsFilesOf(folder, service.mspId);
  await startDaemon({
    ...daemon,
    command: process.execPath,
    args: [
      ...(await programOf(service.packageFolder)),
      ...['--chaincode-address', `${loopback}:${String(service.port)}`],
      ...['--chaincode-id', service.packageId],
      ...['--chaincode-tls-cert-file', files.serverCertificate],
      ...['--chaincode-tls-key-file', files.serverKey],
      // A process that shows no certificate of the organization's own TLS CA is refused.
      ...['--chaincode-tls-client-cacert-file', files.root],
    ],
    environment: {
      PATH: process.env['PATH'] ?? '',
      CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR',
      ...service.environment,
      CORE_PEER_LOCALMSPID: service.mspId,
    },
    workingFolder: service.packageFolder,
  });
  await awaitDaemon(daemon, 'it listened', () => accepts(service.port));
}

/** How the process of a service is kept. */
export function serviceDaemon(
  folder: NativeFolder,
  service: Pick<ChaincodeService, 'label' | 'mspId'>,
): AwaitedDaemon {
  return folder.daemon(`chaincode-${service.label}-${service.mspId}`);
}

/** The services that the network's channels use now. */
export async function servicesOf(folder: NativeFolder): Promise<readonly ChaincodeService[]> {
  const names = await readdir(recordsFolder(folder)).catch((): string[] => []);
  return Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map(async (name) => {
        const text = await readFile(join(recordsFolder(folder), name), 'utf8');
        return JSON.parse(text) as ChaincodeService;
      }),
  );
}

/** Notes that a channel uses this service now, in the place of the one before. */
export async function keepService(folder: NativeFolder, service: ChaincodeService): Promise<void> {
  const { channel, name, mspId } = service;
  const file = join(recordsFolder(folder), `${channel}.${name}.${mspId}.json`);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(service, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

function recordsFolder(folder: NativeFolder): string {
  return join(folder.path, 'chaincodes');
}

/** The package's own program where it has one, in place of the stock command. */
async function programOf(packageFolder: string): Promise<readonly string[]> {
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8');
  const { bin } = JSON.parse(manifest) as { bin?: string };
  return bin === undefined ? [commandFile(), 'server'] : [join(packageFolder, bin)];
}

function commandFile(): string {
  const packageFile = createRequire(__filename).resolve('fabric-shim/package.json');
  return join(dirname(packageFile), 'cli.js');
}

/** Issued once for an organization: the client key is part of every package and so of its id. */
async function tlsFilesOf(folder: NativeFolder, mspId: string): Promise<TlsFiles> {
  const organization = organizationOf(folder.plan.topology, mspId);
  const place = join(folder.path, 'chaincode-tls', organization.domain);
  const files: TlsFiles = {
    serverCertificate: join(place, 'server.crt'),
    serverKey: join(place, 'server.key'),
    clientCertificate: join(place, 'client.crt'),
    clientKey: join(place, 'client.key'),
    root: join(place, 'ca.crt'),
  };
  const isThere = await readFile(files.root).catch(() => undefined);
  if (!isThere) await issueTls(folder, organization, files);
  return files;
}

async function issueTls(
  folder: NativeFolder,
  organization: Organization,
  files: TlsFiles,
): Promise<void> {
  const { domain } = organization;
  const organizationFolder = homeFolder(folder.materialRoot, organization);
  const ca = await CertificateAuthority.load({ kind: 'tlsca', domain, organizationFolder });
  const server = await ca.enrolTlsServer(`chaincode.${domain}`);
  const client = await ca.enrolTlsClient(`chaincode-client.${domain}`);
  await writePublic({ path: files.serverCertificate, text: server.certificatePem });
  await writePrivate({ path: files.serverKey, text: server.privateKeyPem });
  await writePublic({ path: files.clientCertificate, text: client.certificatePem });
  await writePrivate({ path: files.clientKey, text: client.privateKeyPem });
  // Last, since its presence says that the others are complete.
  await writePublic({ path: files.root, text: ca.certificatePem });
}
