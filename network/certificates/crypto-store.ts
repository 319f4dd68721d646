import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { channelViews, firstOrderer, peerOrganizations, walletLabel } from '../topology';
import type { PeerOrganization, Topology, User } from '../topology';
import { readAttributes } from './attributes';
import { connectionProfile, ownConnectionProfile } from './connection-profile';
import type { ProfileOrganization } from './connection-profile';
import { CryptoStoreError, makePrivateFolder, writePublic } from './crypto-files';
import type { LoadedKey } from './key-pair';
import { createSigningIdentity } from './signing-identity';
import type { SigningIdentity } from './signing-identity';
import { readWalletEntry, walletFile, writeWalletEntry } from './wallet';
import { loadOrCreateChaincodeTls } from './chaincode-tls';
import type { ChaincodeTlsMaterial } from './chaincode-tls';
import { homeFolder, organizationKinds } from './crypto-layout';
import {
  createOrganization,
  createUser,
  hasUser,
  loadNode,
  loadOrganization,
  loadUser,
  openOrganization,
  ordererPlace,
} from './organization-crypto';
import { addRevocation } from './organization-revocations';
import type { NodeCrypto, OrganizationCrypto, OrganizationFolder } from './organization-crypto';

export { CryptoStoreError } from './crypto-files';
export type { NodeCrypto, OrganizationCrypto, TlsMaterial } from './organization-crypto';

/** Where the servers listen once they do. */
export interface NetworkEndpoints {
  readonly orderer: { readonly port: number };
  /** By MSP id. */
  readonly peers: ReadonlyMap<string, { readonly port: number }>;
  /** CA servers by MSP id. */
  readonly authorities?: ReadonlyMap<string, { readonly port: number }>;
}

/** An enrolled user. */
export interface IssuedUser {
  readonly identity: SigningIdentity;
  /** Path of the wallet file. */
  readonly walletFile: string;
}

/** The keys and certificates of a network, kept in a folder. */
export interface CryptoStore {
  readonly organizations: ReadonlyMap<string, OrganizationCrypto>;
  readonly orderer: NodeCrypto;
  /** Path of the wallet folder. */
  readonly walletFolder: string;
  /** @throws CryptoStoreError when the MSP is unknown */
  organization(mspId: string): OrganizationCrypto;
  /** @throws CryptoStoreError when the MSP is unknown or has no peer */
  peer(mspId: string): NodeCrypto;
  /**
   * Enrols a user (or gives the one already enrolled under that name) and writes its wallet file.
   * @throws CryptoStoreError when the MSP is unknown, the name is taken by another organization's
   *   user, or the user is enrolled with another type or attributes
   */
  issueUser(mspId: string, user: User): Promise<IssuedUser>;
  /** Keys and certificates for a chaincode with mutual TLS, made when first asked for. */
  chaincodeTls(mspId: string, chaincode: string): Promise<ChaincodeTlsMaterial>;
  /**
   * Adds a certificate to the revocation list of an organization's CA, in its MSP folder.
   * @returns the list, PEM
   * @throws CryptoStoreError when the MSP is unknown
   */
  revoke(mspId: string, certificatePem: string): Promise<string>;
  /**
   * Writes profiles/<MSPID>.json for each organization with a peer, and the connection profiles of
   * Fabric's test network in its folder. @returns paths of the first by MSP id
   */
  writeProfiles(endpoints: NetworkEndpoints): Promise<ReadonlyMap<string, string>>;
}

/**
 * Makes the crypto material of a network in a folder, or loads what an earlier start made there.
 * Layout: `organizations/{peer,orderer}Organizations/<domain>/…` as in Fabric's test network
 * (crypto-layout.ts), with every ordering node of the topology; `wallet/<label>.id`, `profiles/`.
 * Users of the topology that are new get enrolled; nothing else is added to an existing folder.
 * @throws CryptoStoreError when a file is missing, unreadable or of another topology
 */
export async function createOrLoadCrypto(parts: {
  topology: Topology;
  folder: string;
}): Promise<CryptoStore> {
  const { topology, folder } = parts;
  const root = join(folder, 'organizations');
  await finishMoving(root);
  if (!existsSync(join(root, 'peerOrganizations'))) await createAll(topology, root);
  const opened = await openAll(topology, root);
  const store = new FolderCryptoStore({ topology, folder, opened });
  await store.load();
  for (const { mspId, users } of topology.organizations) {
    for (const user of users) await store.issueUser(mspId, user);
  }
  return store;
}

async function createAll(topology: Topology, root: string): Promise<void> {
  const staging = `${root}.new`;
  await rm(staging, { recursive: true, force: true });
  await makePrivateFolder(staging);
  await Promise.all(
    topology.organizations.map((one) => createOrganization(topology, one, staging)),
  );
  // In one step, so that a start that was cut short leaves nothing that looks complete.
  await rename(staging, readyFolder(root));
  await finishMoving(root);
}

/**
 * Moves what is complete into the folder `organizations`, which may hold files of others, as that
 * of Fabric's samples does. A start that was cut short here is finished by the next.
 */
async function finishMoving(root: string): Promise<void> {
  const ready = readyFolder(root);
  if (!existsSync(ready)) return;
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const kind of organizationKinds) {
    if (!existsSync(join(ready, kind))) continue;
    await rename(join(ready, kind), join(root, kind)).catch((error: unknown) => {
      const target = join(root, kind);
      const text = `the crypto folder ${target} is in the way: it belongs to another network`;
      throw new CryptoStoreError(text, { cause: error });
    });
  }
  await rm(ready, { recursive: true });
}

function readyFolder(root: string): string {
  return `${root}.ready`;
}

async function openAll(
  topology: Topology,
  root: string,
): Promise<ReadonlyMap<string, OrganizationFolder>> {
  const opened = new Map<string, OrganizationFolder>();
  for (const organization of topology.organizations) {
    if (!existsSync(homeFolder(root, organization))) {
      throw new CryptoStoreError(
        `the crypto folder ${root} was made for another network: it has no ${organization.domain}`,
      );
    }
    opened.set(organization.mspId, await openOrganization(organization, root));
  }
  return opened;
}

class FolderCryptoStore implements CryptoStore {
  readonly organizations = new Map<string, OrganizationCrypto>();
  readonly walletFolder: string;
  readonly #topology: Topology;
  readonly #folder: string;
  readonly #opened: ReadonlyMap<string, OrganizationFolder>;
  #orderer: NodeCrypto | undefined;
  #lastIssue: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    topology: Topology;
    folder: string;
    opened: ReadonlyMap<string, OrganizationFolder>;
  }) {
    this.#topology = parts.topology;
    this.#folder = parts.folder;
    this.#opened = parts.opened;
    this.walletFolder = join(parts.folder, 'wallet');
  }

  get orderer(): NodeCrypto {
    if (!this.#orderer) throw new CryptoStoreError('the crypto folder is not loaded yet');
    return this.#orderer;
  }

  async load(): Promise<void> {
    await makePrivateFolder(this.walletFolder);
    for (const [mspId, opened] of this.#opened) {
      this.organizations.set(mspId, await loadOrganization(opened));
    }
    const orderer = firstOrderer(this.#topology);
    const ordering = this.#openedOf(orderer.organization);
    this.#orderer = await loadNode(ordering, ordererPlace(this.#topology, orderer));
  }

  organization(mspId: string): OrganizationCrypto {
    const found = this.organizations.get(mspId);
    if (!found) throw unknownMsp(mspId);
    return found;
  }

  peer(mspId: string): NodeCrypto {
    const { peer } = this.organization(mspId);
    if (!peer) throw new CryptoStoreError(`the organization ${mspId} has no peer`);
    return peer;
  }

  async issueUser(mspId: string, user: User): Promise<IssuedUser> {
    // One after the other: two requests for the same name must not both enrol it.
    const issue = this.#lastIssue.then(() => this.#issue(mspId, user));
    this.#lastIssue = issue.catch(() => undefined);
    return issue;
  }

  chaincodeTls(mspId: string, chaincode: string): Promise<ChaincodeTlsMaterial> {
    checkName(chaincode);
    return loadOrCreateChaincodeTls(this.#openedOf(mspId), chaincode);
  }

  async revoke(mspId: string, certificatePem: string): Promise<string> {
    // One after the other, so that no list is written over by one without its entry.
    const list = this.#lastIssue.then(() => addRevocation(this.#openedOf(mspId), certificatePem));
    this.#lastIssue = list.catch(() => undefined);
    return list;
  }

  async writeProfiles(endpoints: NetworkEndpoints): Promise<ReadonlyMap<string, string>> {
    const members = peerOrganizations(this.#topology);
    const listed = members.map((one) => this.#profileOrganization(one, endpoints));
    const paths = new Map<string, string>();
    for (const own of listed) {
      const path = join(this.#folder, 'profiles', `${own.mspId}.json`);
      await writePublic({ path, text: json(this.#profileOf(own.name, listed, endpoints)) });
      await this.#writeOwnProfile(own, endpoints.authorities?.get(own.mspId)?.port);
      paths.set(own.mspId, path);
    }
    return paths;
  }

  /** `connection-<organization>.json` and `.yaml`, where Fabric's test network has them. */
  async #writeOwnProfile(own: ProfileOrganization, caPort: number | undefined): Promise<void> {
    const { organization, root, tlsCa } = this.#openedOf(own.mspId);
    const profile = ownConnectionProfile({
      channel: this.#topology.channel,
      organization: own,
      ...(caPort !== undefined && {
        authority: {
          name: `ca.${organization.domain}`,
          port: caPort,
          tlsRootCertificatePem: tlsCa.certificatePem,
        },
      }),
    });
    const path = join(homeFolder(root, organization), `connection-${own.name.toLowerCase()}`);
    await writePublic({ path: `${path}.json`, text: json(profile) });
    await writePublic({ path: `${path}.yaml`, text: stringify(profile) });
  }

  #profileOrganization(
    { name, mspId }: PeerOrganization,
    endpoints: NetworkEndpoints,
  ): ProfileOrganization {
    const { tlsRootCertificatePem } = this.organization(mspId);
    const { host } = this.peer(mspId);
    const port = portOf(endpoints, mspId);
    return { name, mspId, peer: { host, port, tlsRootCertificatePem } };
  }

  #profileOf(
    organization: string,
    organizations: readonly ProfileOrganization[],
    endpoints: NetworkEndpoints,
  ): object {
    const topology = this.#topology;
    const ordering = this.organization(firstOrderer(topology).organization);
    return connectionProfile({
      channel: topology.channel,
      channels: channelViews(topology).map((view) => ({
        name: view.channel,
        members: peerOrganizations(view).map(({ mspId }) => mspId),
      })),
      organization,
      organizations,
      orderer: {
        host: this.orderer.host,
        port: endpoints.orderer.port,
        tlsRootCertificatePem: ordering.tlsRootCertificatePem,
      },
    });
  }

  async #issue(mspId: string, user: User): Promise<IssuedUser> {
    const opened = this.#openedOf(mspId);
    const label = walletLabel(this.#topology, { mspId, name: user.name });
    checkName(user.name);
    await this.#checkLabelIsFree(mspId, label);
    if (!hasUser(opened, user.name)) await createUser(opened, { ...user, role: user.type });
    const key = await loadUser(opened, user.name);
    checkSameUser(key, user);
    const file = await writeWalletEntry(this.walletFolder, { ...key, label, mspId });
    return { identity: createSigningIdentity({ mspId, ...key }), walletFile: file };
  }

  async #checkLabelIsFree(mspId: string, label: string): Promise<void> {
    const path = walletFile(this.walletFolder, label);
    if (!existsSync(path)) return;
    const owner = (await readWalletEntry(path)).mspId;
    if (owner !== mspId) {
      throw new CryptoStoreError(`the wallet file ${path} belongs to a user of ${owner}`);
    }
  }

  #openedOf(mspId: string): OrganizationFolder {
    const opened = this.#opened.get(mspId);
    if (!opened) throw unknownMsp(mspId);
    return opened;
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return;
  throw new CryptoStoreError(`the name "${name}" is not fit for a file name`);
}

function unknownMsp(mspId: string): CryptoStoreError {
  return new CryptoStoreError(`the network has no organization with the MSP id ${mspId}`);
}

function portOf(endpoints: NetworkEndpoints, mspId: string): number {
  const endpoint = endpoints.peers.get(mspId);
  if (!endpoint) throw new CryptoStoreError(`no endpoint was given for the peer of ${mspId}`);
  return endpoint.port;
}

/** An enrolment cannot be changed, since its certificate may stand in the ledger already. */
function checkSameUser(key: LoadedKey, user: User): void {
  const enrolled = readAttributes(key.certificatePem);
  const own = Object.entries(enrolled).filter(([name]) => !name.startsWith('hf.'));
  const isSame =
    enrolled['hf.Type'] === user.type &&
    own.length === Object.keys(user.attributes).length &&
    own.every(([name, value]) => user.attributes[name] === value);
  if (isSame) return;
  throw new CryptoStoreError(
    `the user ${user.name} is already enrolled with another type or other attributes`,
  );
}
