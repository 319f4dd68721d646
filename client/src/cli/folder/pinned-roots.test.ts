import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toBase64url } from '@procurement/protocol';
import { blockHeaderHash } from '@procurement/protocol/fabric';
import { newTestWorld, type TestWorld } from '../../test-support/test-authority';
import { configurationOf, newTestBlock, type TestBlock } from '../../test-support/test-block';
import { pin, readPinned, readPins } from './pinned-roots';

let home: string;
let given: string;
let world: TestWorld;
let first: TestBlock;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'pins-'));
  given = join(home, 'given');
  world = await newTestWorld();
  first = await configurationBlock(0);
  mkdirSync(given);
  for (const [mspId, [root = '']] of Object.entries(world.roots)) {
    writeFileSync(join(given, `${mspId}.pem`), root);
  }
  writeFileSync(join(given, 'procurement.block'), first.bytes);
});

afterEach(() => {
  rmSync(home, { recursive: true });
});

function configurationBlock(sequence: number): Promise<TestBlock> {
  const data = [configurationOf({ channel: 'procurement', sequence })];
  return newTestBlock({ number: 0, previousHash: new Uint8Array(), data });
}

describe('what a key folder pins', () => {
  test('is every root and every configuration, with fingerprints to compare', async () => {
    const pinned = join(home, 'roots');
    const fingerprints = await pin(pinned, readPins(given));
    const hash = toBase64url(await blockHeaderHash(first.header));
    expect(fingerprints).toMatchObject({ configuration: [`block 0 ${hash}`] });
    expect(Object.keys(fingerprints)).toHaveLength(4);
    const { roots, configurations } = await readPinned(pinned);
    expect(roots).toEqual(world.roots);
    expect(configurations.map((one) => Uint8Array.from(one))).toEqual([first.bytes]);
  });

  test('is refused where a configuration is another, or gone', async () => {
    const pinned = join(home, 'roots');
    await pin(pinned, readPins(given));
    const [file = ''] = readdirSync(pinned).filter((name) => name.endsWith('.block'));
    writeFileSync(join(pinned, file), (await configurationBlock(1)).bytes);
    const sentence = `the configuration in ${pinned} is not the one that was pinned`;
    await expect(readPinned(pinned)).rejects.toThrow(sentence);
    rmSync(join(pinned, file));
    await expect(readPinned(pinned)).rejects.toThrow(sentence);
  });

  test('is refused where a file holds no block', async () => {
    writeFileSync(join(given, 'procurement.block'), 'no block');
    await expect(pin(join(home, 'roots'), readPins(given))).rejects.toThrow('holds no block');
  });
});
