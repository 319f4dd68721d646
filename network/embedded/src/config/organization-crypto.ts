import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { msp } from '@hyperledger/fabric-protos';
import { peerHost } from '../../../topology';
import type { Organization } from '../../../topology';
import { CertificateAuthority } from '../identity/certificate-authority';
import { writePrivate, writePublic } from '../identity/crypto-files';
import { loadKey } from '../identity/key-pair';
import type { CertifiedKey, LoadedKey } from '../identity/key-pair';
import { loadMspSigner, mspConfigOf, writeMspFolder } from '../identity/msp-folder';
import type { OrganizationRoots } from '../identity/msp-folder';
import type { NodeRole } from '../identity/organization-msp';
import { createSigningIdentity } from '../identity/signing-identity';
import type { SigningIdentity } from '../identity/signing-identity';

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

/** Where an organization keeps its material, and its two CAs. */
export interface OrganizationFolder {
  readonly organization: Organization;
  /** `organizations/<domain>`. */
  readonly folder: string;
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

/** Makes an organization: two CAs, its MSP folder, its peer and its administrator. */
export async function createOrganization(
  organization: Organization,
  folder: string,
): Promise<OrganizationFolder> {
  const place = { domain: organization.domain, organizationFolder: folder };
  const ca = await CertificateAuthority.create({ ...place, kind: 'ca' });
  const tlsCa = await CertificateAuthority.create({ ...place, kind: 'tlsca' });
  const made = { organization, folder, ca, tlsCa };
  await writeMspFolder(join(folder, 'msp'), { roots: rootsOf(made) });
  const peerNode = peerPlace(organization);
  if (peerNode) await createNode(made, peerNode);
  await createUser(made, { name: adminName, role: 'admin', attributes: {} });
  return made;
}

/** @throws CryptoStoreError when a CA file is missing or unreadable */
export async function openOrganization(
  organization: Organization,
  folder: string,
): Promise<OrganizationFolder> {
  const place = { domain: organization.domain, organizationFolder: folder };
  const ca = await CertificateAuthority.load({ ...place, kind: 'ca' });
  const tlsCa = await CertificateAuthority.load({ ...place, kind: 'tlsca' });
  return { organization, folder, ca, tlsCa };
}

/** @throws CryptoStoreError when a file of the peer or the administrator cannot be read */
export async function loadOrganization(opened: OrganizationFolder): Promise<OrganizationCrypto> {
  const { organization } = opened;
  const { mspId, domain } = organization;
  const place = peerPlace(organization);
  return {
    mspId,
    domain,
    mspConfig: mspConfigOf(rootsOf(opened)),
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
export async function createNode(opened: OrganizationFolder, place: NodePlace): Promise<void> {
  const { host, role } = place;
  const files = nodeFiles(opened, place);
  const key = await opened.ca.enrol({ name: host, role });
  const tls = await opened.tlsCa.enrolTls(host);
  await writeMspFolder(files.msp, { roots: rootsOf(opened), signer: { ...key, name: host } });
  await writePublic({ path: files.tlsCertificate, text: tls.certificatePem });
  await writePrivate({ path: files.tlsKey, text: tls.privateKeyPem });
  await writePublic({ path: files.tlsRoot, text: opened.tlsCa.certificatePem });
}

/** @throws CryptoStoreError naming the file at fault */
export async function loadNode(opened: OrganizationFolder, place: NodePlace): Promise<NodeCrypto> {
  const files = nodeFiles(opened, place);
  const signer = await loadMspSigner(files.msp, place.host);
  const tls = await loadKey({ certificateFile: files.tlsCertificate, keyFile: files.tlsKey });
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

/** Enrols a user with the attributes of Fabric CA: `users/<name>@<domain>/msp`. */
export async function createUser(
  opened: OrganizationFolder,
  user: { name: string; role: NodeRole; attributes: Readonly<Record<string, string>> },
): Promise<void> {
  const key: CertifiedKey = await opened.ca.enrol(user);
  const name = userId(opened, user.name);
  const folder = userFolder(opened, user.name);
  const staging = `${folder}.new`;
  await rm(staging, { recursive: true, force: true });
  await writeMspFolder(join(staging, 'msp'), {
    roots: rootsOf(opened),
    signer: { ...key, name },
  });
  // In one step, so that a folder that exists is complete unless someone removed a file.
  await rename(staging, folder);
}

/** @throws CryptoStoreError naming the file at fault */
export async function loadUser(opened: OrganizationFolder, name: string): Promise<LoadedKey> {
  return loadMspSigner(join(userFolder(opened, name), 'msp'), userId(opened, name));
}

/** Whether the user's folder exists. */
export function hasUser(opened: OrganizationFolder, name: string): boolean {
  return existsSync(userFolder(opened, name));
}

function rootsOf(opened: OrganizationFolder): OrganizationRoots {
  return {
    mspId: opened.organization.mspId,
    domain: opened.organization.domain,
    caCertificatePem: opened.ca.certificatePem,
    tlsCaCertificatePem: opened.tlsCa.certificatePem,
  };
}

function nodeFiles(
  opened: OrganizationFolder,
  place: NodePlace,
): { msp: string; tlsCertificate: string; tlsKey: string; tlsRoot: string } {
  const folder = join(opened.folder, place.kind, place.host);
  return {
    msp: join(folder, 'msp'),
    tlsCertificate: join(folder, 'tls', 'server.crt'),
    tlsKey: join(folder, 'tls', 'server.key'),
    tlsRoot: join(folder, 'tls', 'ca.crt'),
  };
}

function userId(opened: OrganizationFolder, name: string): string {
  return `${name}@${opened.organization.domain}`;
}

function userFolder(opened: OrganizationFolder, name: string): string {
  return join(opened.folder, 'users', userId(opened, name));
}
