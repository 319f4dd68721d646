import { callCases } from './cases/calls';
import { creatorCases } from './cases/creators';
import { proposalCases } from './cases/proposals';
import { stateCases } from './cases/state';
import type { CaseGroup } from './conformance-case';

/** Every case of the suite, in the order in which they run. */
export const allCases: readonly CaseGroup[] = [
  ...proposalCases,
  ...creatorCases,
  ...stateCases,
  ...callCases,
];
