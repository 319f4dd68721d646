import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { msp } from '@hyperledger/fabric-protos';
import { ordererHost, peerHost } from '../topology';
import type { OrdererNode, Organization, Topology } from '../topology';
import { CertificateAuthority } from './certificate-authority';
import { writePrivate, writePublic } from './crypto-files';
import { loadKey } from './key-pair';
import type { CertifiedKey, LoadedKey } from './key-pair';
import { loadMspSigner, mspConfigOf, writeMspFolder } from './msp-folder';
import type { OrganizationRoots } from './msp-folder';
import type { NodeRole } from './organization-msp';
import { createSigningIdentity } from './signing-identity';
import type { SigningIdentity } from './signing-identity';
import {
  homeFolder,
  nodeFolder,
  orderingFolder,
  tlsFiles,
  userFolder,
  userId,
} from './crypto-layout';
import { readRevocationLists } from './organization-revocations';

/** What a TLS server needs; all PEM. */
export interface TlsMaterial {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Root of the organization's TLS CA. */
  readonly rootCertificatePem: string;
}

/** A peer or the ordering node. */
export interface NodeCrypto {
  /** Host name, as in the TLS certificate (which also holds localhost and 127.0.0.1). */
  readonly host: string;
  readonly identity: SigningIdentity;
  readonly tls: TlsMaterial;
}

/** The material of one organization. */
export interface OrganizationCrypto {
  readonly mspId: string;
  readonly domain: string;
  readonly mspConfig: msp.MSPConfig;
  readonly tlsRootCertificatePem: string;
  /** Absent where the organization only orders. */
  readonly peer?: NodeCrypto;
  /** `Admin@<domain>`, with the admin OU: signs the chaincode definitions. */
  readonly admin: SigningIdentity;
}

/** An organization's material in the folder `organizations`, and its two CAs. */
export interface OrganizationFolder {
  readonly organization: Organization;
  /** The folder `organizations`. */
  readonly root: string;
  readonly ca: CertificateAuthority;
  readonly tlsCa: CertificateAuthority;
}

/** A node of an organization. */
export interface NodePlace {
  readonly kind: 'peers' | 'orderers';
  readonly role: NodeRole;
  readonly host: string;
}

/** The name of the administrator that every organization has. */
export const adminName = 'Admin';

/** Makes an organization: two CAs, its MSP folders, its nodes and its administrator. */
export async function createOrganization(
  topology: Topology,
  organization: Organization,
  root: string,
): Promise<void> {
  const home = homeFolder(root, organization);
  const place = { domain: organization.domain, organizationFolder: home };
  const ca = await CertificateAuthority.create({ ...place, kind: 'ca' });
  const tlsCa = await CertificateAuthority.create({ ...place, kind: 'tlsca' });
  const made = { organization, root, ca, tlsCa };
  await writeMspFolder(join(home, 'msp'), { roots: rootsOf(made) });
  const peerNode = peerPlace(organization);
  if (peerNode) await createNode(made, peerNode);
  await createOrderers(made, orderersOf(topology, organization));
  await createUser(made, { name: adminName, role: 'admin', attributes: {} });
}

async function createOrderers(
  made: OrganizationFolder,
  orderers: readonly NodePlace[],
): Promise<void> {
  const folder = orderingFolder(made.root, made.organization);
  if (orderers.length > 0 && folder !== homeFolder(made.root, made.organization)) {
    await made.ca.copyCertificate(folder);
    await made.tlsCa.copyCertificate(folder);
    await writeMspFolder(join(folder, 'msp'), { roots: rootsOf(made) });
  }
  for (const place of orderers) await createNode(made, place);
}

function orderersOf(topology: Topology, organization: Organization): readonly NodePlace[] {
  return [...topology.orderers, ...(topology.bftOrderers ?? [])]
    .filter((one) => one.organization === organization.mspId)
    .map((one) => ordererPlace(topology, one));
}

/** Where an ordering node's material is. */
export function ordererPlace(topology: Topology, orderer: OrdererNode): NodePlace {
  return { kind: 'orderers', role: 'orderer', host: ordererHost(topology, orderer) };
}

/** @throws CryptoStoreError when a CA file is missing or unreadable */
export async function openOrganization(
  organization: Organization,
  root: string,
): Promise<OrganizationFolder> {
  const organizationFolder = homeFolder(root, organization);
  const place = { domain: organization.domain, organizationFolder };
  const ca = await CertificateAuthority.load({ ...place, kind: 'ca' });
  const tlsCa = await CertificateAuthority.load({ ...place, kind: 'tlsca' });
  return { organization, root, ca, tlsCa };
}

/** @throws CryptoStoreError when a file of the peer or the administrator cannot be read */
export async function loadOrganization(opened: OrganizationFolder): Promise<OrganizationCrypto> {
  const { organization } = opened;
  const { mspId, domain } = organization;
  const place = peerPlace(organization);
  return {
    mspId,
    domain,
    mspConfig: mspConfigOf({
      ...rootsOf(opened),
      revocationListPems: await readRevocationLists(opened),
    }),
    tlsRootCertificatePem: opened.tlsCa.certificatePem,
    ...(place && { peer: await loadNode(opened, place) }),
    admin: createSigningIdentity({ mspId, ...(await loadUser(opened, adminName)) }),
  };
}

function peerPlace(organization: Organization): NodePlace | undefined {
  if (!organization.peer) return undefined;
  const host = peerHost({ ...organization, peer: organization.peer });
  return { kind: 'peers', role: 'peer', host };
}

/** Enrols a node: `<kind>/<host>/msp` and `<kind>/<host>/tls`. */
async function createNode(opened: OrganizationFolder, place: NodePlace): Promise<void> {
  const { host, role } = place;
  const folder = folderOf(opened, place);
  const key = await opened.ca.enrol({ name: host, role });
  await writeMspFolder(join(folder, 'msp'), {
    roots: rootsOf(opened),
    signer: { ...key, name: host },
  });
  await writeTlsFolder(opened, tlsFiles(folder, 'server'), await opened.tlsCa.enrolTlsServer(host));
}

async function writeTlsFolder(
  opened: OrganizationFolder,
  files: ReturnType<typeof tlsFiles>,
  key: CertifiedKey,
): Promise<void> {
  await Promise.all([
    writePublic({ path: files.certificateFile, text: key.certificatePem }),
    writePrivate({ path: files.keyFile, text: key.privateKeyPem }),
    writePublic({ path: files.rootFile, text: opened.tlsCa.certificatePem }),
  ]);
}

/** @throws CryptoStoreError naming the file at fault */
export async function loadNode(opened: OrganizationFolder, place: NodePlace): Promise<NodeCrypto> {
  const folder = folderOf(opened, place);
  const signer = await loadMspSigner(join(folder, 'msp'), place.host);
  const tls = await loadKey(tlsFiles(folder, 'server'));
  return {
    host: place.host,
    identity: createSigningIdentity({ mspId: opened.organization.mspId, ...signer }),
    tls: {
      certificatePem: tls.certificatePem,
      privateKeyPem: tls.privateKeyPem,
      rootCertificatePem: opened.tlsCa.certificatePem,
    },
  };
}

/** Enrols a user with the attributes of Fabric CA: `users/<name>@<domain>/{msp,tls}`. */
export async function createUser(
  opened: OrganizationFolder,
  user: { name: string; role: NodeRole; attributes: Readonly<Record<string, string>> },
): Promise<void> {
  const key: CertifiedKey = await opened.ca.enrol(user);
  const name = userId(opened.organization, user.name);
  const folder = userFolder(opened.root, opened.organization, user.name);
  const staging = `${folder}.new`;
  await rm(staging, { recursive: true, force: true });
  await writeMspFolder(join(staging, 'msp'), {
    roots: rootsOf(opened),
    signer: { ...key, name },
  });
  await writeTlsFolder(
    opened,
    tlsFiles(staging, 'client'),
    await opened.tlsCa.enrolTlsClient(name),
  );
  // In one step, so that a folder that exists is complete unless someone removed a file.
  await rename(staging, folder);
}

/** @throws CryptoStoreError naming the file at fault */
export async function loadUser(opened: OrganizationFolder, name: string): Promise<LoadedKey> {
  const folder = userFolder(opened.root, opened.organization, name);
  return loadMspSigner(join(folder, 'msp'), userId(opened.organization, name));
}

/** Whether the user's folder exists. */
export function hasUser(opened: OrganizationFolder, name: string): boolean {
  return existsSync(userFolder(opened.root, opened.organization, name));
}

function rootsOf(opened: OrganizationFolder): OrganizationRoots {
  return {
    mspId: opened.organization.mspId,
    domain: opened.organization.domain,
    caCertificatePem: opened.ca.certificatePem,
    tlsCaCertificatePem: opened.tlsCa.certificatePem,
  };
}

function folderOf({ root, organization }: OrganizationFolder, place: NodePlace): string {
  return nodeFolder(root, { organization, kind: place.kind, host: place.host });
}
