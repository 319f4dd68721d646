import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topology } from '@procurement/network/topologies/procurement';

/**
 * Everyone of the demonstration as a service account, for tests that send plain requests: the
 * gateway then holds their keys, which it does for nobody by default.
 */
export const everyoneAsServiceAccount: Readonly<Record<string, string>> = {
  PROCUREMENT_SERVICE_ACCOUNTS: topology.organizations
    .flatMap(({ users }) => users)
    .filter(({ attributes }) => attributes['role'] !== 'gateway')
    .map(({ name }) => name)
    .join(','),
};

/** The bearer token that lies beside a service account's identity in the wallet. */
export function tokenOf(dataFolder: string, name: string): string {
  return readFileSync(join(dataFolder, 'network', 'wallet', `${name}.token`), 'utf8').trim();
}
