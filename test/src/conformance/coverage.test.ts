import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allCases } from './all-cases';
import { behaviourNumberOf } from './conformance-case';
import { recordingsFolder, recordingsOf } from './recordings';

const behaviours = JSON.parse(readFileSync(join(__dirname, 'behaviours.json'), 'utf8')) as string[];
const ids = allCases.flatMap(({ cases }) => cases.map(({ id }) => id));

describe('the conformance suite', () => {
  test('names no case twice', () => {
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  test('has a case for each of the 72 behaviours', () => {
    const numbers = new Set(ids.map(behaviourNumberOf));
    expect(behaviours).toHaveLength(72);
    const without = behaviours.map((_, at) => at + 1).filter((number) => !numbers.has(number));
    expect(without).toEqual([]);
  });

  test('has something to hold every case against when no recording is at hand', () => {
    const cases = allCases.flatMap((group) => group.cases);
    const empty = cases.filter((one) => (one.expectedByCompat ?? one.expected) === undefined);
    expect(empty).toEqual([]);
  });
});

const recordings = recordingsOf('2.5');
const describeRecordings = recordings ? describe : describe.skip;

describeRecordings(`the recordings in ${recordingsFolder}`, () => {
  test('are all cases of the suite', () => {
    expect([...(recordings?.keys() ?? [])].filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('were made with 3.x too', () => {
    const later = recordingsOf('3.1');
    const missing = [...(recordings?.keys() ?? [])].filter((id) => !later?.has(id));
    expect(missing).toEqual([]);
  });
});
