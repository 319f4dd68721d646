import { join } from 'node:path';
import type { Organization } from '../topology';

/**
 * Where Fabric's test network keeps keys and certificates (the layout of cryptogen), under the
 * folder `organizations`:
 *
 *     peerOrganizations/<domain>/{ca,tlsca,msp,peers/<host>/{msp,tls},users/<id>/{msp,tls}}
 *     ordererOrganizations/<domain>/{ca,tlsca,msp,orderers/<host>/{msp,tls},users/…}
 *
 * An organization that has a peer and orders stands in both, as one: its CA keys and users
 * are in `peerOrganizations`, its orderers in `ordererOrganizations` with copies of the
 * certificates of its CAs.
 */
export const organizationKinds = ['ordererOrganizations', 'peerOrganizations'] as const;

/** What decides where an organization stands. */
export type OrganizationPlace = Pick<Organization, 'domain' | 'peer'>;

/** The folder with an organization's CA keys, users and peers. */
export function homeFolder(root: string, organization: OrganizationPlace): string {
  const kind = organization.peer ? 'peerOrganizations' : 'ordererOrganizations';
  return join(root, kind, organization.domain);
}

/** The folder with an organization's ordering nodes. */
export function orderingFolder(root: string, organization: OrganizationPlace): string {
  return join(root, 'ordererOrganizations', organization.domain);
}

/** The folder of a node's `msp` and `tls`. */
export function nodeFolder(
  root: string,
  node: { organization: OrganizationPlace; kind: 'peers' | 'orderers'; host: string },
): string {
  const { organization, kind, host } = node;
  const folder = kind === 'peers' ? homeFolder : orderingFolder;
  return join(folder(root, organization), kind, host);
}

/** `<name>@<domain>`, the name of a user's folder. */
export function userId(organization: OrganizationPlace, name: string): string {
  return `${name}@${organization.domain}`;
}

/** The folder of a user's `msp` and `tls`. */
export function userFolder(root: string, organization: OrganizationPlace, name: string): string {
  return join(homeFolder(root, organization), 'users', userId(organization, name));
}

/** The files of a `tls` folder; cryptogen calls those of nodes `server`, of users `client`. */
export function tlsFiles(
  folder: string,
  owner: 'server' | 'client',
): { certificateFile: string; keyFile: string; rootFile: string } {
  return {
    certificateFile: join(folder, 'tls', `${owner}.crt`),
    keyFile: join(folder, 'tls', `${owner}.key`),
    rootFile: join(folder, 'tls', 'ca.crt'),
  };
}
