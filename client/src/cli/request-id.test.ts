import { describe, expect, test } from '@jest/globals';
import { APPROVAL_PERIOD_MS, isId } from '@procurement/protocol';
import { requestIdOf, wordIdOf } from './request-id';

describe('the name of a request', () => {
  const tenderId = `${'x'.repeat(54)}.technical`;

  test('is an id, however long what it is about', async () => {
    expect(isId(await requestIdOf('confirm', { tenderId, lotId: 'y'.repeat(64) }))).toBe(true);
    expect(isId(await wordIdOf('technical', { tenderId, failed: [] }))).toBe(true);
  });

  test('is the same for the same request alone', async () => {
    const names = await Promise.all([
      requestIdOf('withdraw', { tenderId: 'A', lotId: 'road', version: 1 }),
      requestIdOf('withdraw', { version: 1, lotId: 'road', tenderId: 'A' }),
      requestIdOf('withdraw', { tenderId: 'B', lotId: 'road', version: 1 }),
      requestIdOf('confirm', { tenderId: 'A', lotId: 'road', version: 1 }),
    ]);
    expect(names[0]).toBe(names[1]);
    expect(new Set(names).size).toBe(3);
  });

  test('changes for a word that has lapsed since', async () => {
    const givenMs = Date.UTC(2026, 10, 26);
    const [first, again] = await Promise.all(
      [0, APPROVAL_PERIOD_MS].map((laterMs) => wordIdOf('cancel', { tenderId }, givenMs + laterMs)),
    );
    expect(again).not.toBe(first);
  });
});
