import { describe, expect, test } from '@jest/globals';
import {
  type Fact,
  Reject,
  TENDER_STATES,
  type TenderFacts,
  type TenderState,
  tenderState,
} from '@procurement/protocol';
import { isOpened, requirePhase } from './phase';

const fact: Fact = {
  at: '2027-01-01T00:00:00.000Z',
  by: { mspId: 'MinistryMSP', spki: 'A'.repeat(43) },
  transactionId: 'a'.repeat(64),
};
const hash = 'A'.repeat(43);
const published = { ...fact, noticeHash: hash, committeeHash: hash, committeeKeys: [] };
const closed = fact;

const histories: readonly [TenderFacts, TenderState][] = [
  [{}, 'draft'],
  [{ published }, 'published'],
  [{ published, closed }, 'closed'],
  [{ published, closed, opened: fact }, 'opened'],
  [{ published, closed, opened: fact, evaluated: fact }, 'evaluating'],
  [{ published, closed, opened: fact, evaluated: fact, awarded: fact }, 'awarded'],
  [{ published, closed, opened: fact, cancelled: { ...fact, reason: 'x' } }, 'cancelled'],
];

describe('the state of a tender', () => {
  test.each(histories)('follows from its facts: %#', (facts, state) => {
    expect(tenderState(facts)).toBe(state);
  });

  test('covers every state that there is', () => {
    expect(histories.map(([, state]) => state)).toEqual(TENDER_STATES);
  });

  test('stays opened to readers after a cancellation that follows the opening', () => {
    expect(histories.map(([facts]) => isOpened(facts))).toEqual([
      ...[false, false, false, true, true, true, true],
    ]);
  });

  test('that allows nothing is refused with what would be allowed', () => {
    const check = (): void => {
      requirePhase({ tenderId: 'T', published }, ['draft', 'closed']);
    };
    expect(check).toThrow(
      new Reject('PHASE', { tenderId: 'T', current: 'published', allowed: ['draft', 'closed'] }),
    );
  });
});
