import { beforeAll, describe, expect, test } from '@jest/globals';
import { toHex, utf8 } from '@procurement/protocol';
import { COMMIT_GENERATOR, GENERATOR } from './deal';
import { expandMessage } from './dleq';
import { SUITE } from './envelope';
import { multiplyBase, pointFromUniform, ready, scalarOf } from './group';
import {
  checkBid,
  checkCommitteeOf,
  checkOpening,
  checkResults,
  checkSelfAndDocument,
} from './test-support/check-set';
import { runCase } from './test-support/run-case';
import { loadSharedVectors } from './test-support/shared-vectors';

const vectors = loadSharedVectors();

beforeAll(async () => {
  await ready();
});

if (vectors === undefined) {
  test.skip('the published vectors of TSEAL-V1 are not on this machine (TSEAL_DATA)', () => {
    // Nothing to run.
  });
} else {
  describe('the published vectors of TSEAL-V1', () => {
    test('name the same suite and generators', () => {
      expect(vectors.suite).toBe(SUITE);
      expect(toHex(GENERATOR)).toBe(vectors.constants.B);
      expect(toHex(multiplyBase(scalarOf(1)))).toBe(vectors.constants.B);
      expect(toHex(COMMIT_GENERATOR)).toBe(vectors.constants.g);
      const { gMessage, gDst } = vectors.constants;
      const uniform = expandMessage(utf8(gMessage), utf8(gDst));
      expect(toHex(pointFromUniform(uniform))).toBe(vectors.constants.g);
    });

    describe.each(vectors.sets)('of the committee ($name)', (set) => {
      test('give every record and the committee hash', () => {
        checkCommitteeOf(set);
      });

      test.each(set.bids)('give every value of $bidKey', async (bid) => {
        await checkBid(set, bid);
      });

      test('give the list and every share', () => {
        checkOpening(set);
      });

      test('give every result from every subset of t seats', async () => {
        expect(await checkResults(set)).toBe(set.subsetsChecked);
      });

      test('give the self-opening and the document', async () => {
        await checkSelfAndDocument(set);
      });
    });

    test.each(vectors.cases)('answer $expect to ($set) $op: $name', async (testCase) => {
      const set = vectors.sets.find(({ name }) => name === testCase.set)!;
      expect(await runCase(testCase, set)).toBe(testCase.expect);
    });
  });
}
