/** The gateway's program: the ledger over HTTP, until it is told to stop. */
import { newApplication } from './application';
import { profilesPath, readSettings } from './config/settings';
import { loadIdentities } from './identity/identities';
import { loadToken } from './identity/tokens';
import { readProfiles } from './ledger/connection-profile';
import { newLedger } from './ledger/new-ledger';
import { runProgram } from './program';
import type { RunningGateway } from './program';
import { openStore } from './stores/open-store';
import { StoreRegistration } from './stores/store-registration';

/** The token of monitoring lies in the data folder as `metrics.token`. */
const METRICS = 'metrics';

/**
 * Starts a gateway on an environment's settings.
 * @returns where it answers, and how to stop it
 * @throws SettingsError, ProfileError or WalletError with what to do, or the listener's own error
 */
async function startGateway(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningGateway> {
  const settings = readSettings(environment);
  const profiles = await readProfiles(profilesPath(settings));
  const identities = await loadIdentities(settings, [...profiles.keys()]);
  const { mspId } = identities.service;
  const store = settings.store && (await openStore(settings.store, mspId));
  const ledger = newLedger(settings, profiles);
  const metricsToken = await loadToken(settings.dataFolder, METRICS);
  const application = await newApplication({
    ...{ settings, identities, ledger, metricsToken, store },
  });
  try {
    await application.listen(settings.httpPort, settings.httpHost);
  } catch (error) {
    await application.close();
    throw error;
  }
  const url = await application.getUrl();
  if (store !== undefined) void application.get(StoreRegistration).begin(url);
  return { url, close: () => application.close() };
}

void runProgram(() => startGateway(process.env), {
  awaitsBegin: process.argv.includes('--await-begin'),
});
