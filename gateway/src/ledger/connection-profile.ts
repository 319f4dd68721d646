import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const peerSchema = z.object({
  url: z.string().min(1),
  tlsCACerts: z.object({ pem: z.string().optional(), path: z.string().optional() }).optional(),
  grpcOptions: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

const profileSchema = z.looseObject({
  client: z.object({ organization: z.string() }),
  organizations: z.record(z.string(), z.object({ mspid: z.string(), peers: z.array(z.string()) })),
  peers: z.record(z.string(), peerSchema),
});

/** A peer to talk to. */
export interface PeerEndpoint {
  readonly name: string;
  readonly mspId: string;
  /** `host:port`. */
  readonly address: string;
  /** Root certificates of the peer's TLS CA, PEM; absent means a connection in the clear. */
  readonly tlsRootCertificates?: string;
  /** Name that the peer's certificate carries, if not the host's. */
  readonly serverName?: string;
}

/** One organisation's connection profile. */
export interface ConnectionProfile {
  readonly mspId: string;
  /** The organisation's own peers, the first one first. */
  readonly peers: readonly PeerEndpoint[];
  /** The profile as it stands in the file, for an SDK that reads it itself. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A connection profile is missing, unreadable or incomplete. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

function addressOf(url: string): { address: string; secure: boolean } {
  const match = /^(grpcs?):\/\/([^/]+)\/?$/.exec(url);
  if (match?.[2] === undefined) {
    throw new ProfileError(`peer url "${url}" is not grpc://host:port or grpcs://host:port`);
  }
  return { address: match[2], secure: match[1] === 'grpcs' };
}

async function peerEndpoint(
  name: string,
  mspId: string,
  peer: z.infer<typeof peerSchema>,
): Promise<PeerEndpoint> {
  const { address, secure } = addressOf(peer.url);
  const { pem, path: file } = peer.tlsCACerts ?? {};
  const roots = pem ?? (file === undefined ? undefined : await readFile(file, 'utf8'));
  if (secure && roots === undefined) {
    throw new ProfileError(`peer ${name} uses TLS but has no tlsCACerts.pem or tlsCACerts.path`);
  }
  const serverName = peer.grpcOptions?.['ssl-target-name-override'];
  return {
    name,
    mspId,
    address,
    ...(secure && roots !== undefined ? { tlsRootCertificates: roots } : {}),
    ...(typeof serverName === 'string' ? { serverName } : {}),
  };
}

/**
 * Reads one connection profile in Fabric's common format.
 * @param document the parsed JSON
 * @throws ProfileError if the client's organisation, its MSP id or its peers are missing
 */
export async function parseProfile(document: unknown): Promise<ConnectionProfile> {
  const parsed = profileSchema.safeParse(document);
  if (!parsed.success) {
    throw new ProfileError(`connection profile: ${z.prettifyError(parsed.error)}`);
  }
  const { client, organizations, peers } = parsed.data;
  const organization = organizations[client.organization];
  if (organization === undefined) {
    throw new ProfileError(`organization ${client.organization} is not in the profile`);
  }
  const endpoints: PeerEndpoint[] = [];
  for (const name of organization.peers) {
    const peer = peers[name];
    if (peer === undefined) {
      throw new ProfileError(`peer ${name} is not in the profile`);
    }
    endpoints.push(await peerEndpoint(name, organization.mspid, peer));
  }
  if (endpoints.length === 0) {
    throw new ProfileError(`organization ${client.organization} has no peer in its profile`);
  }
  return { mspId: organization.mspid, peers: endpoints, document: parsed.data };
}

/**
 * Reads a connection profile, or every `*.json` of a folder as one.
 * @param place a file that ends in `.json`, or a folder with one file per organisation
 * @returns the profiles by MSP id
 * @throws ProfileError if the folder is absent or empty, or a file is no connection profile
 */
export async function readProfiles(place: string): Promise<Map<string, ConnectionProfile>> {
  if (!place.endsWith('.json')) return readFolder(place);
  const profile = await readProfile(place);
  return new Map([[profile.mspId, profile]]);
}

async function readFolder(folder: string): Promise<Map<string, ConnectionProfile>> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new ProfileError(noProfiles(folder), { cause });
  });
  const profiles = new Map<string, ConnectionProfile>();
  for (const entry of entries.filter((name) => name.endsWith('.json')).sort()) {
    const profile = await readProfile(path.join(folder, entry));
    profiles.set(profile.mspId, profile);
  }
  if (profiles.size === 0) {
    throw new ProfileError(noProfiles(folder));
  }
  return profiles;
}

function noProfiles(folder: string): string {
  return (
    `no connection profiles in ${folder}: start the network first, ` +
    'or set PROCUREMENT_DATA or PROCUREMENT_PROFILE'
  );
}

async function readProfile(file: string): Promise<ConnectionProfile> {
  try {
    return await parseProfile(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProfileError(`${file}: ${reason}`, { cause });
  }
}
