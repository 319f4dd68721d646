import { blockCases } from './cases/blocks';
import { callCases } from './cases/calls';
import { configurationCases } from './cases/configuration';
import { conflictCases } from './cases/conflicts';
import { creatorCases } from './cases/creators';
import { discoveryCases } from './cases/discovery';
import { endorsementCases, upgradeCases } from './cases/endorsements';
import { eventCases } from './cases/events';
import { forgeryCases } from './cases/forgeries';
import { initializationCases } from './cases/initialization';
import { legacyLibraryCases } from './cases/legacy-library';
import { privateDataLifeCases } from './cases/private-data-life';
import { privateDataCases } from './cases/private-data';
import { proposalCases } from './cases/proposals';
import { restartCases } from './cases/restarts';
import { stateCases } from './cases/state';
import { systemChaincodeCases } from './cases/system-chaincodes';
import { unrecordedCases } from './cases/unrecorded';
import { unrecordedPrivateDataCases } from './cases/unrecorded-private-data';
import type { CaseGroup } from './conformance-case';

/** Every case of the suite, in the order in which they run. */
export const allCases: readonly CaseGroup[] = [
  ...proposalCases(),
  ...creatorCases(),
  ...stateCases(),
  ...callCases(),
  ...conflictCases(),
  ...endorsementCases(),
  ...forgeryCases(),
  ...privateDataCases(),
  ...privateDataLifeCases(),
  ...blockCases(),
  ...eventCases(),
  ...legacyLibraryCases(),
  ...discoveryCases(),
  ...unrecordedCases(),
  ...unrecordedPrivateDataCases(),
  ...restartCases(),
  ...upgradeCases(),
  // The definitions that they ask for were recorded after the upgrade.
  ...systemChaincodeCases(),
  ...initializationCases(),
  ...configurationCases(),
];
