import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '@procurement/network/command/command-line';
import { readArguments } from './arguments';

describe('the words of npm run fabric', () => {
  test('have a folder by default, and nothing that was not said', () => {
    expect(readArguments(['up'])).toEqual({
      ...{ command: 'up', folder: resolve('data-fabric'), purge: false },
    });
  });

  test('choose SmartBFT, the first port and the folder', () => {
    expect(readArguments(['up', '--bft', '--port', '20050', '--folder', '/n'])).toEqual({
      ...{ command: 'up', folder: '/n', consensus: 'bft', port: 20_050, purge: false },
    });
  });

  test('name the version of an upgrade and purge what is stopped', () => {
    expect(readArguments(['upgrade', '--version', '1.1'])).toMatchObject({ version: '1.1' });
    expect(readArguments(['down', '--purge'])).toMatchObject({ command: 'down', purge: true });
  });

  test.each([
    [[], /Unknown command/],
    [['start'], /Unknown command start/],
    [['up', 'down'], /Unknown command up down/],
    [['upgrade'], /needs --version/],
    [['up', '--raft'], /--raft/],
    [['up', '--port', '0'], /--port is 0/],
    [['up', '--port', '65500'], /from 1 to 65215/],
  ])('%j are refused with all that there are', (words, text) => {
    const read = (): unknown => readArguments(words);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(text);
  });
});
