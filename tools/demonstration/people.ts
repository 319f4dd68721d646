import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  importPrivateKey,
  newSigner,
  type ProcurementApi,
  type PinnedRoots,
  SignedApi,
  type Signer,
} from '@procurement/client';
import { topology } from '@procurement/network/topologies/procurement';
import { bidders } from './scenario';
import type { People } from './procedure';

const SEAT_HOLDERS = [
  'ministry-seat-1',
  'ministry-seat-2',
  'auditor-seat-1',
  'auditor-seat-2',
  'association-seat-1',
];
const OFFICER = 'tashi';
const AUDITOR = 'auditor';

/** The folder of the running system lacks somebody's key, or an organisation's root. */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing';
}

/**
 * The key of one of the demonstration's people, who sign on their own: the gateway never has it.
 * @throws {KeyMissing} where the folder is another one
 */
export async function signerOf(networkFolder: string, name: string): Promise<Signer> {
  const file = join(networkFolder, 'wallet', `${name}.id`);
  const { credentials, mspId } = JSON.parse(read(file)) as {
    readonly credentials: { readonly certificate: string; readonly privateKey: string };
    readonly mspId: string;
  };
  const { certificate, privateKey } = credentials;
  const pkcs8 = Buffer.from(privateKey.replace(/-----[^-]+-----/g, ''), 'base64');
  return newSigner({ mspId, certificate }, await importPrivateKey(pkcs8));
}

/**
 * The roots that the demonstration's people pin: each organisation's CA certificates.
 * @throws {KeyMissing} where the folder is another one
 */
export function pinnedRoots(networkFolder: string): PinnedRoots {
  const organizations = join(networkFolder, 'organizations', 'peerOrganizations');
  return Object.fromEntries(
    topology.organizations.map(({ mspId, domain }) => {
      const folder = join(organizations, domain, 'msp', 'cacerts');
      return [mspId, list(folder).map((file) => read(join(folder, file)))];
    }),
  );
}

/**
 * Writes the roots for whoever uses the command line: `<MSP id>.pem` in a folder of their own.
 * @returns the folder
 */
export function writeRoots(networkFolder: string, dataFolder: string): string {
  const folder = join(dataFolder, 'roots');
  mkdirSync(folder, { recursive: true });
  for (const [mspId, [root = '']] of Object.entries(pinnedRoots(networkFolder))) {
    writeFileSync(join(folder, `${mspId}.pem`), root);
  }
  return folder;
}

/**
 * Connections of the demonstration's people to a running gateway.
 * @param options.networkFolder the folder of the network that the system runs on
 * @param options.baseUrl address of the gateway
 * @throws {KeyMissing} where the folder is another one
 */
export async function connectPeople(options: {
  readonly networkFolder: string;
  readonly baseUrl: string;
}): Promise<People> {
  const { networkFolder, baseUrl } = options;
  const roots = pinnedRoots(networkFolder);
  return peopleBy(
    async (name) => new SignedApi({ baseUrl, roots, signer: await signerOf(networkFolder, name) }),
  );
}

/**
 * The auditor at the gateway of a second organisation: whoever seals holds what the first one says
 * against it. Where there is one gateway only, the auditor's answers through it are all there is.
 */
export async function connectWitness(options: {
  readonly networkFolder: string;
  readonly baseUrl: string;
  readonly second: () => Promise<string | undefined>;
}): Promise<ProcurementApi> {
  const { networkFolder } = options;
  const baseUrl = (await options.second()) ?? options.baseUrl;
  const signer = await signerOf(networkFolder, AUDITOR);
  return new SignedApi({ baseUrl, roots: pinnedRoots(networkFolder), signer });
}

/** The demonstration's people, each connected by the name of its identity. */
export async function peopleBy(
  connect: (name: string) => Promise<ProcurementApi>,
): Promise<People> {
  const vendors = bidders.map(async ({ person }) => [person, await connect(person)] as const);
  return {
    officer: await connect(OFFICER),
    auditor: await connect(AUDITOR),
    seats: await Promise.all(SEAT_HOLDERS.map(connect)),
    vendors: new Map(await Promise.all(vendors)),
  };
}

function read(file: string): string {
  return orMissing(() => readFileSync(file, 'utf8'), file);
}

function list(folder: string): string[] {
  return orMissing(() => readdirSync(folder), folder);
}

function orMissing<T>(reading: () => T, path: string): T {
  try {
    return reading();
  } catch (error) {
    throw new KeyMissing(
      `There is no ${path}. Set PROCUREMENT_DATA to the folder of the running system.`,
      { cause: error },
    );
  }
}
