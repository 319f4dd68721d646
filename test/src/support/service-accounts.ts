import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceApi } from '@procurement/client';
import { PEOPLE } from '@procurement/tools/demonstration/cast';
import { openFolder, settlePeople } from '@procurement/tools/demonstration/key-folders';
import { peopleBy } from '@procurement/tools/demonstration/people';
import type { People } from '@procurement/tools/demonstration/procedure';

/**
 * Everyone of the demonstration as a service account, for tests that send plain requests: the
 * gateway then holds their keys, which it does for nobody by default.
 */
export const everyoneAsServiceAccount: Readonly<Record<string, string>> = {
  PROCUREMENT_SERVICE_ACCOUNTS: PEOPLE.map(({ name }) => name).join(','),
};

/** People who act past any gateway have one in their folder all the same. */
export const UNUSED_GATEWAY = 'http://127.0.0.1:8080';

/**
 * Puts the keys of the demonstration's people into a network's wallet, as operators do with those
 * of machines, and nobody with those of people.
 */
export async function keepEveryoneInWallet(place: {
  readonly dataFolder: string;
  readonly networkFolder: string;
}): Promise<void> {
  const { dataFolder, networkFolder } = place;
  await settlePeople({ ...place, baseUrl: UNUSED_GATEWAY });
  for (const { name, mspId } of PEOPLE) {
    const { folder, lock } = openFolder(dataFolder, name);
    const pkcs8 = Buffer.from(await folder.pkcs8(lock));
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const privateKey = key.export({ format: 'pem', type: 'pkcs8' });
    const entry = {
      credentials: { certificate: folder.certificate(), privateKey },
      ...{ mspId, type: 'X.509', version: 1 },
    };
    writeFileSync(join(networkFolder, 'wallet', `${name}.id`), JSON.stringify(entry));
  }
}

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
