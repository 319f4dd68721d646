import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { organizationOf } from '../topology';
import type { Topology } from '../topology';
import { loadOrCreateChaincodeTls } from './chaincode-tls';
import { CryptoStoreError } from './crypto-files';
import { homeFolder, orderingFolder } from './crypto-layout';
import { createOrganization, openOrganization } from './organization-crypto';

/**
 * Makes the keys and certificates of one organization of a topology, as it does by itself where
 * every organization has its own machines: two CAs, its nodes, its administrator, and what its
 * chaincodes with mutual TLS need. Users are enrolled at the CA later.
 * @param parts.root the folder `organizations`, laid out as crypto-layout.ts says
 * @returns the organization's folder
 * @throws CryptoStoreError when it is there already
 * @throws TopologyError when the topology has no such organization
 */
export async function createOwnOrganization(parts: {
  readonly topology: Topology;
  readonly mspId: string;
  readonly root: string;
}): Promise<string> {
  const { topology, mspId } = parts;
  const root = resolve(parts.root);
  const organization = organizationOf(topology, mspId);
  const home = homeFolder(root, organization);
  for (const folder of [home, orderingFolder(root, organization)]) {
    if (!existsSync(folder)) continue;
    throw new CryptoStoreError(`${folder} is there already: keys are not made a second time`);
  }
  await createOrganization(topology, organization, root);
  const opened = await openOrganization(organization, root);
  for (const { name, tls, addresses } of topology.chaincodes) {
    if (tls === 'mutual' && mspId in addresses) await loadOrCreateChaincodeTls(opened, name);
  }
  return home;
}
