import { describe, expect, test } from '@jest/globals';
import { readSettings } from './settings';

describe('the settings of a chaincode process', () => {
  test('have defaults of a week and two minutes', () => {
    expect(readSettings({})).toEqual({
      chaincode: 'procurement',
      minBiddingMs: 604_800_000,
      minGraceMs: 120_000,
    });
  });

  test('are read from the environment', () => {
    const environment = {
      PROCUREMENT_CHAINCODE: 'other',
      PROCUREMENT_MIN_BIDDING_MS: '1000',
      PROCUREMENT_MIN_GRACE_MS: '500',
    };
    expect(readSettings(environment)).toEqual({
      chaincode: 'other',
      minBiddingMs: 1000,
      minGraceMs: 500,
    });
  });

  test.each([
    ['PROCUREMENT_CHAINCODE', ''],
    ['PROCUREMENT_CHAINCODE', 'a/b'],
    ['PROCUREMENT_MIN_BIDDING_MS', '-1'],
    ['PROCUREMENT_MIN_BIDDING_MS', '1e3'],
    ['PROCUREMENT_MIN_GRACE_MS', '0x10'],
    ['PROCUREMENT_MIN_GRACE_MS', '99999999999'],
  ])('name the variable that has no usable value: %s=%j', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(name);
  });
});
