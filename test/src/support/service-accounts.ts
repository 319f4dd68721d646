import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceApi } from '@procurement/client';
import { topology } from '@procurement/network/topologies/procurement';
import { peopleBy } from '@procurement/tools/demonstration/people';
import { gatewayWalletOf } from '@procurement/tools/start/gateway-wallet';
import { GATEWAYS } from '@procurement/tools/start/stack';
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
export function tokenOf(dataFolder: string, name: string): string {
  return readFileSync(
    join(gatewayWalletOf(dataFolder, GATEWAYS.first), `${name}.token`),
    'utf8',
  ).trim();
}

/** The demonstration's people as service accounts of a system that has them as such. */
export function connectServiceAccounts(options: {
  readonly dataFolder: string;
  readonly baseUrl: string;
}): Promise<People> {
  const { dataFolder, baseUrl } = options;
  return peopleBy((name) =>
    Promise.resolve(new ServiceApi({ baseUrl, token: tokenOf(dataFolder, name) })),
  );
}
