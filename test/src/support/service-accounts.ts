import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceApi } from '@procurement/client';
import { topology } from '@procurement/network/topologies/procurement';
import { peopleBy } from '@procurement/tools/demonstration/people';
import type { People } from '@procurement/tools/demonstration/procedure';

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
export function tokenOf(wallet: string, name: string): string {
  return readFileSync(join(wallet, `${name}.token`), 'utf8').trim();
}

/** The demonstration's people as service accounts of a system that has them as such. */
export function connectServiceAccounts(options: {
  readonly wallet: string;
  readonly baseUrl: string;
}): Promise<People> {
  const { wallet, baseUrl } = options;
  return peopleBy((name) =>
    Promise.resolve(new ServiceApi({ baseUrl, token: tokenOf(wallet, name) })),
  );
}
