import { describe, expect, test } from '@jest/globals';
import { UsageError } from './command-line';
import { readSettings } from './settings';

const line = (text: string): string[] => text.split(' ').filter((word) => word !== '');

describe('the command line of a network', () => {
  test('starts the preset when it says nothing', () => {
    const settings = {
      command: 'start',
      folder: 'data/test-network',
      topology: undefined,
      batchTimeoutMs: undefined,
      basePort: undefined,
      compat: undefined,
    };
    expect(readSettings([])).toEqual(settings);
    expect(readSettings(line('--preset test-network'))).toEqual(settings);
  });

  test('starts another network at other ports with other limits', () => {
    const given =
      '--topology my.json --folder f --batch-timeout-ms 2000 --base-port 0 --compat 2.5';
    expect(readSettings(line(given))).toEqual({
      command: 'start',
      folder: 'f',
      topology: 'my.json',
      batchTimeoutMs: 2000,
      basePort: 0,
      compat: '2.5',
    });
  });

  test('deploys a folder, by default as version 1.0', () => {
    expect(readSettings(line('deploy --name basic --path cc'))).toEqual({
      command: 'deploy',
      folder: 'data/test-network',
      channel: undefined,
      name: 'basic',
      version: '1.0',
      sequence: undefined,
      policy: undefined,
      collections: undefined,
      label: undefined,
      initRequired: false,
      source: { path: 'cc' },
    });
  });

  test('deploys what listens at one address, or at one for each organization', () => {
    expect(readSettings(line('deploy --name b --address 127.0.0.1:9999'))).toMatchObject({
      source: { address: '127.0.0.1:9999' },
    });
    const both = 'deploy --name b --address Org1MSP=localhost:1 --address Org2MSP=localhost:2';
    expect(readSettings(line(both))).toMatchObject({
      source: {
        byMspId: new Map([
          ['Org1MSP', 'localhost:1'],
          ['Org2MSP', 'localhost:2'],
        ]),
      },
    });
  });

  test('asks for the status and for help', () => {
    expect(readSettings(line('status --channel c'))).toEqual({
      command: 'status',
      folder: 'data/test-network',
      channel: 'c',
    });
    expect(readSettings(line('deploy --help'))).toEqual({ command: 'help' });
  });

  test.each([
    ['dance', 'There is no command "dance".'],
    ['--preset nothing', 'There is no preset "nothing", only "test-network".'],
    ['--preset test-network --topology x.json', 'Give either --preset or --topology.'],
    ['--compat 1.4', '--compat is 2.5 or 3.1, not "1.4".'],
    ['--base-port -1', 'base-port'],
    ['--batch-timeout-ms 0', '--batch-timeout-ms is a whole number of at least 1, not "0".'],
    ['--ports 1', "Unknown option '--ports'"],
    ['deploy --path x', 'Name the chaincode: --name NAME.'],
    ['deploy --name b', 'Give either --path FOLDER or --address HOST:PORT.'],
    ['deploy --name b --path x --address a:1', 'Give either --path FOLDER or --address HOST:PORT.'],
    ['deploy --name b --address 9999', '--address is [MSPID=]HOST:PORT, not "9999".'],
    ['deploy --name b --address a:1 --address a:2', 'each needs an MSPID=: a:1.'],
    ['deploy --name b --path x --sequence one', '--sequence is a whole number of at least 1'],
  ])('%s is refused with a reason', (given, reason) => {
    expect(() => readSettings(line(given))).toThrow(UsageError);
    expect(() => readSettings(line(given))).toThrow(reason);
  });
});
