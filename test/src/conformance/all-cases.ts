import { callCases } from './cases/calls';
import { conflictCases } from './cases/conflicts';
import { creatorCases } from './cases/creators';
import { endorsementCases, upgradeCases } from './cases/endorsements';
import { forgeryCases } from './cases/forgeries';
import { proposalCases } from './cases/proposals';
import { stateCases } from './cases/state';
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
  ...upgradeCases(),
];
