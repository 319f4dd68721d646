import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userFolder, userId } from '../certificates/crypto-layout';
import type { ConnectionProfile } from '../certificates/connection-profile';
import { loadMspSigner } from '../certificates/msp-folder';
import { createSigningIdentity } from '../certificates/signing-identity';
import { connectPeer } from '../lifecycle/lifecycle-peer';
import type { LifecyclePeer, LifecycleSigner } from '../lifecycle/lifecycle-peer';
import { queryHeight } from '../lifecycle/lifecycle-calls';
import { UsageError } from './command-line';
import { folderOption } from './texts';

/** A folder without a running network; the message says what to do. */
export class NotRunningError extends Error {
  override readonly name = 'NotRunningError';
}

/** An organization of a running network, with what its administrator needs. */
export interface RunningOrganization {
  readonly mspId: string;
  /** Host name of its peer. */
  readonly host: string;
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly admin: LifecycleSigner;
  readonly peer: LifecyclePeer & { close(): void };
}

/** A running network as its folder describes it. */
export interface RunningNetwork {
  readonly folder: string;
  readonly channels: readonly string[];
  /** Host name and address of the ordering nodes. */
  readonly orderers: readonly { readonly host: string; readonly address: string }[];
  readonly organizations: readonly RunningOrganization[];
  close(): void;
}

/** The channel asked for, by default the first. @throws UsageError when there is no such one */
export function channelOf(network: RunningNetwork, asked: string | undefined): string {
  const [first = ''] = network.channels;
  if (asked === undefined || network.channels.includes(asked)) return asked ?? first;
  throw new UsageError(`The network has no channel ${asked}, only ${network.channels.join(', ')}.`);
}

/**
 * Finds the network of a folder by its connection profiles, and its administrators by the layout of
 * Fabric's test network. Nothing is asked of it yet.
 * @throws NotRunningError when no network was ever started in the folder
 */
export async function findNetwork(folder: string): Promise<RunningNetwork> {
  const profiles = await readProfiles(folder);
  const [first] = profiles;
  if (!first) {
    throw new NotRunningError(
      `No network was started in the folder ${folder}. ${howToStart(folder)}`,
    );
  }
  const organizations = await Promise.all(profiles.map((one) => organizationOf(folder, one)));
  return {
    folder,
    channels: Object.keys(first.channels),
    orderers: Object.entries(first.orderers).map(([host, { url }]) => ({
      host,
      address: addressOf(url),
    })),
    organizations,
    close: () => {
      for (const { peer } of organizations) peer.close();
    },
  };
}

/**
 * Asks every peer for its number of blocks; undefined where it does not answer.
 * @throws NotRunningError when none answers
 */
export async function heightsOf(
  network: RunningNetwork,
  channel: string,
): Promise<readonly (number | undefined)[]> {
  const heights = await Promise.all(
    network.organizations.map(({ admin, peer }) =>
      queryHeight({ peer, signer: admin }, channel).catch(() => undefined),
    ),
  );
  if (heights.some((one) => one !== undefined)) return heights;
  throw new NotRunningError(
    `The network in ${network.folder} does not answer. ${howToStart(network.folder)}`,
  );
}

function howToStart(folder: string): string {
  const option = folderOption(folder);
  return `Start it, and leave it running: npm run network${option && ` --${option}`}`;
}

async function readProfiles(folder: string): Promise<ConnectionProfile[]> {
  const profiles = join(folder, 'profiles');
  const files = await readdir(profiles).catch(() => []);
  return Promise.all(
    files
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map(async (file) => JSON.parse(await readFile(join(profiles, file), 'utf8')) as never),
  );
}

async function organizationOf(
  folder: string,
  profile: ConnectionProfile,
): Promise<RunningOrganization> {
  const own = profile.organizations[profile.client.organization];
  const host = own?.peers[0] ?? '';
  const server = profile.peers[host];
  if (!own || !server) {
    throw new NotRunningError(
      `The connection profile of ${profile.client.organization} in ${folder} lists no peer of its.`,
    );
  }
  const mspId = own.mspid;
  const address = addressOf(server.url);
  const tlsRootCertificatePem = server.tlsCACerts.pem;
  return {
    mspId,
    host,
    address,
    admin: await loadAdmin(folder, { mspId, peerHost: host }),
    peer: connectPeer({ address, hostName: host, tlsRootCertificatePem }),
  };
}

async function loadAdmin(
  folder: string,
  { mspId, peerHost }: { mspId: string; peerHost: string },
): Promise<LifecycleSigner> {
  const [name = '', ...domain] = peerHost.split('.');
  const place = { domain: domain.join('.'), peer: { name, port: 0 } };
  const path = userFolder(join(folder, 'organizations'), place, 'Admin');
  const signer = await loadMspSigner(join(path, 'msp'), userId(place, 'Admin'));
  return createSigningIdentity({ mspId, ...signer });
}

function addressOf(url: string): string {
  return url.replace(/^grpcs?:\/\//, '');
}
