import { beforeAll, describe, expect, test } from '@jest/globals';
import { blockHeaderHash } from '@procurement/protocol/fabric';
import { Configurations } from '../receipts/ordering';
import { newTestWorld, type TestWorld } from '../test-support/test-authority';
import {
  configurationOf,
  newTestBlock,
  newTestConsenters,
  orderedByConsenters,
  orderedByOne,
  type Ordering,
  type TestConsenter,
} from '../test-support/test-block';
import { Chain } from './chain';
import { verifyProcedure } from './verify-procedure';

const channel = 'procurement';
/** What a block holds that is neither a configuration nor a transaction of ours. */
const other = Uint8Array.of(1);

let world: TestWorld;
let consenters: readonly TestConsenter[];
/** Two of them have left, and two others have come. */
let renewed: readonly TestConsenter[];

beforeAll(async () => {
  world = await newTestWorld();
  const { MinistryMSP, VendorMSP, AuditorMSP } = world.authorities;
  const homes = [MinistryMSP, VendorMSP, AuditorMSP, AuditorMSP, MinistryMSP, VendorMSP];
  const all = await newTestConsenters(homes);
  consenters = all.slice(0, 4);
  renewed = all.slice(2);
});

interface Part {
  readonly data: Uint8Array;
  readonly ordering?: Ordering;
}

const configuration = (sequence: number, of?: readonly TestConsenter[]): Uint8Array =>
  configurationOf({ channel, sequence, ...(of && { consenters: of }) });

/** A chain of blocks, the first one signed by nobody. */
async function blocksOf(...parts: readonly Part[]): Promise<readonly Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  let previousHash = new Uint8Array();
  for (const { data, ordering } of parts) {
    const number = blocks.length;
    const signed = ordering === undefined ? {} : { ordering };
    const { header, bytes } = await newTestBlock({ number, previousHash, data: [data], ...signed });
    previousHash = new Uint8Array(await blockHeaderHash(header));
    blocks.push(bytes);
  }
  return blocks;
}

const by = (of: readonly TestConsenter[], under?: number): Ordering =>
  orderedByConsenters(of, under === undefined ? {} : { configuration: under });

/** The consenters order two blocks, are replaced, and those who came order one more. */
function changing(...others: readonly Part[]): Promise<readonly Uint8Array[]> {
  return blocksOf(
    { data: configuration(0, consenters) },
    { data: other, ordering: by(consenters.slice(0, 3), 0) },
    { data: configuration(1, renewed), ordering: by(consenters.slice(1)) },
    { data: other, ordering: by(renewed.slice(0, 3), 2) },
    ...others,
  );
}

async function heightOf(
  blocks: readonly Uint8Array[],
  pinned: readonly Uint8Array[] = [],
): Promise<number> {
  const { roots } = world;
  const configurations = new Configurations({ roots, channel });
  for (const one of pinned) await configurations.pin(one);
  const chain = new Chain({ roots, channel, chaincode: channel, configurations });
  for (const block of blocks) await chain.append(block, () => Promise.resolve());
  return chain.height;
}

describe('a chain that consenters order', () => {
  test('holds, with a change of the consenters, whichever configuration is pinned', async () => {
    const blocks = await changing();
    for (const pinned of [[], [blocks[0]!], [blocks[2]!], [blocks[0]!, blocks[2]!]]) {
      expect(await heightOf(blocks, pinned)).toBe(4);
    }
  });

  test.each<[string, () => Promise<readonly Uint8Array[]>, object]>([
    [
      'a block has too few signatures',
      () =>
        blocksOf(
          { data: configuration(0, consenters) },
          { data: other, ordering: by(consenters.slice(0, 2), 0) },
        ),
      { code: 'ORDERING', message: '2 of 4 consenters have signed block 1 where 3 must' },
    ],
    [
      'one node signs alone, with its certificate',
      () =>
        blocksOf(
          { data: configuration(0, consenters) },
          { data: other, ordering: orderedByOne(consenters[0]!.signer, 3) },
        ),
      { code: 'ORDERING' },
    ],
    [
      'those who left go on',
      () => changing({ data: other, ordering: by(consenters.slice(0, 3), 2) }),
      { code: 'ORDERING', message: '1 of 4 consenters have signed block 4 where 3 must' },
    ],
    [
      'those who come replace the others themselves',
      () =>
        blocksOf(
          { data: configuration(0, consenters) },
          { data: configuration(1, renewed), ordering: by(renewed) },
        ),
      { code: 'ORDERING', message: '2 of 4 consenters have signed block 1 where 3 must' },
    ],
    [
      'a configuration was left out',
      () =>
        blocksOf(
          { data: configuration(0, consenters) },
          { data: configuration(2, renewed), ordering: by(consenters) },
        ),
      { code: 'CONFIGURATION' },
    ],
    [
      'a block names a configuration that there is not',
      () =>
        blocksOf(
          { data: configuration(0, consenters) },
          { data: other, ordering: by(consenters, 7) },
        ),
      { code: 'CONFIGURATION' },
    ],
  ])('does not hold where %s', async (_, blocks, failure) => {
    await expect(blocks().then((made) => heightOf(made))).rejects.toMatchObject(failure);
  });

  test('does not hold against another configuration that is pinned', async () => {
    const [first] = await blocksOf({ data: configuration(0, renewed) });
    await expect(heightOf(await changing(), [first!])).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: 'block 0 is not the configuration that is known',
    });
  });

  test('has to reach the configuration that is pinned', async () => {
    const blocks = await changing();
    const options = { tenderId: 'T-1', roots: world.roots, configurations: [blocks[2]!] };
    await expect(verifyProcedure(blocks.slice(0, 2), options)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: 'these blocks end before the configuration that is pinned',
    });
    await expect(verifyProcedure(blocks, options)).rejects.toThrow('have no tender T-1');
  });
});

describe('a chain that one node orders', () => {
  test('holds against its configuration, and takes no numbers for certificates', async () => {
    const ordering = orderedByOne(consenters[0]!.signer);
    const blocks = await blocksOf(
      { data: configuration(0) },
      { data: other, ordering },
      { data: configuration(1, consenters), ordering: by(consenters) },
    );
    expect(await heightOf(blocks.slice(0, 2), [blocks[0]!])).toBe(2);
    await expect(heightOf(blocks)).rejects.toThrow('is signed by numbers where there are none');
  });
});
