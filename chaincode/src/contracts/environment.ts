/** What contracts run with when the shim makes them: this process's settings and its clock. */
import { endorserClock } from '../ledger/clock';
import type { Environment } from '../ledger/procurement-context';
import { processSettings } from '../settings';

/** The environment of this chaincode process. */
export const processEnvironment: Environment = {
  settings: processSettings,
  clock: endorserClock,
};
