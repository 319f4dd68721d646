import type { Settings } from '../config/settings';
import { profilesFolder } from '../config/settings';
import { FabricGatewayLedger } from './adapters/fabric-gateway';
import { FabricNetworkLedger } from './adapters/fabric-network/fabric-network';
import { readProfiles } from './connection-profile';
import type { LedgerPort } from './ledger.port';

/**
 * The ledger that the settings ask for. No connection is made before the first step.
 * @throws ProfileError if the connection profiles cannot be read
 * @throws SdkMissing if the adapter's optional packages are not installed
 */
export async function newLedger(settings: Settings): Promise<LedgerPort> {
  const options = { ...settings, profiles: await readProfiles(profilesFolder(settings)) };
  return settings.ledgerAdapter === 'fabric-network'
    ? new FabricNetworkLedger(options)
    : new FabricGatewayLedger(options);
}
