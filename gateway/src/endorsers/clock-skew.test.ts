import { expect, test } from '@jest/globals';
import { skewOf } from './clock-skew';

test.each([
  [0, 1_000, 1_000, 'a clock that shows the moment of the question', 0],
  [0, 1_000, 2_000, 'a clock read while the answer was on its way', 0],
  [500, 4_000, 4_000, 'an answer that took its time', 0],
  [0, 91_000, 1_000, 'a clock 90 s ahead', 90_000],
  [100_000, 10_000, 101_000, 'a clock 90 s behind', -90_000],
])('asked at %d, %d at the endorser, answered at %d: %s is %d ms off', (...reading) => {
  const [askedMs, clockMs, answeredMs, , skewMs] = reading;
  expect(skewOf({ askedMs, clockMs, answeredMs })).toBe(skewMs);
});
