import type { Settings } from '../config/settings';
import { FabricGatewayLedger } from './adapters/fabric-gateway';
import { FabricNetworkLedger } from './adapters/fabric-network/fabric-network';
import type { ConnectionProfile } from './connection-profile';
import type { LedgerPort } from './ledger.port';

/**
 * The ledger that the settings ask for. No connection is made before the first step.
 * @throws SdkMissing if the adapter's optional packages are not installed
 */
export function newLedger(
  settings: Settings,
  profiles: ReadonlyMap<string, ConnectionProfile>,
): LedgerPort {
  const options = { ...settings, profiles };
  return settings.ledgerAdapter === 'fabric-network'
    ? new FabricNetworkLedger(options)
    : new FabricGatewayLedger(options);
}
