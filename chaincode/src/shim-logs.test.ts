import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { getLogger } from 'fabric-shim/lib/logger';
import { silenceDisabledLevels } from './shim-logs';

describe("the shim's loggers", () => {
  const level = process.env['CORE_CHAINCODE_LOGGING_LEVEL'];

  afterEach(() => {
    process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = level ?? 'CRITICAL';
  });

  test('do not even look at what a level that is switched off would say', () => {
    process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = 'ERROR';
    const logger = getLogger('lib/handler.js');
    silenceDisabledLevels();
    const said = { toJSON: jest.fn(() => 'said') };
    expect(logger.debug('%j', said)).toBe(logger);
    expect(logger.info('%j', said)).toBe(logger);
    expect(said.toJSON).not.toHaveBeenCalled();
  });

  test('keep the levels that are switched on', () => {
    process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = 'INFO';
    const logger = getLogger('lib/stub.js');
    const levels = ['debug', 'info', 'warn'];
    const before = levels.map((name): unknown => Reflect.get(logger, name));
    silenceDisabledLevels();
    const isKept = levels.map((name, index) => Reflect.get(logger, name) === before[index]);
    expect(isKept).toEqual([false, true, true]);
  });
});
