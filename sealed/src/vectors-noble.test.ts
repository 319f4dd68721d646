import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ready } from './group';
import { checkBid, checkCommitteeOf, checkOpening } from './test-support/check-set';
import { runCase } from './test-support/run-case';
import { loadSharedVectors } from './test-support/shared-vectors';

jest.mock('./group', () =>
  jest.requireActual<typeof import('./test-support/noble-group')>('./test-support/noble-group'),
);

const vectors = loadSharedVectors();
const set = vectors?.sets[0];

beforeAll(async () => {
  await ready();
});

if (vectors === undefined || set === undefined) {
  test.skip('the published vectors of TSEAL-V1 are not on this machine (TSEAL_DATA)', () => {
    // Nothing to run.
  });
} else {
  describe('the published vectors, with the second implementation of the group', () => {
    test(`give every value of the committee (${set.name})`, async () => {
      checkCommitteeOf(set);
      for (const bid of set.bids) await checkBid(set, bid);
      checkOpening(set);
    });

    const cases = vectors.cases.filter((one) => one.set === set.name);
    test.each(cases)('answer $expect to $op: $name', async (testCase) => {
      expect(await runCase(testCase, set)).toBe(testCase.expect);
    });
  });
}
