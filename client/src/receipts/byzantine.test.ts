import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Receipt } from '@procurement/protocol';
import type { Signer } from '../signing/signer';
import { newTestWorld, TestAuthority, type TestWorld } from '../test-support/test-authority';
import {
  configurationOf,
  newTestBlock,
  newTestConsenters,
  orderedByConsenters,
  orderedByOne,
  type Ordering,
  type TestConsenter,
} from '../test-support/test-block';
import { newTestReceipt } from '../test-support/test-receipt';
import { verifyReceipt, type VerifiedReceipt } from './verify-receipt';

const channel = 'procurement';
const none = new Uint8Array(32);

let world: TestWorld;
/** Four, of three organisations; one may lie, so three have to sign. */
let consenters: readonly TestConsenter[];
let first: Uint8Array;
/** The four with another one in the place of the fourth. */
let renewed: readonly TestConsenter[];

beforeAll(async () => {
  world = await newTestWorld();
  const { MinistryMSP, VendorMSP, AuditorMSP } = world.authorities;
  const homes = [MinistryMSP, VendorMSP, AuditorMSP, AuditorMSP, AuditorMSP];
  const all = await newTestConsenters(homes);
  consenters = all.slice(0, 4);
  renewed = [...all.slice(0, 3), ...all.slice(4)];
  first = await configurationBlock({ number: 0, sequence: 0, consenters });
});

async function configurationBlock(about: {
  readonly number: number;
  readonly sequence: number;
  readonly consenters?: readonly TestConsenter[];
  readonly ordering?: Ordering;
  readonly channel?: string;
}): Promise<Uint8Array> {
  const { number, ordering } = about;
  const data = [configurationOf({ channel, ...about })];
  return (await newTestBlock({ number, previousHash: none, data, ...(ordering && { ordering }) }))
    .bytes;
}

async function verify(
  receipt: Receipt,
  ...pinned: readonly Uint8Array[]
): Promise<VerifiedReceipt> {
  return verifyReceipt(receipt, { roots: world.roots, configurations: pinned });
}

function receiptBy(
  signers: readonly TestConsenter[],
  configurations: readonly Uint8Array[] = [],
  configuration = 0,
): Promise<Receipt> {
  const ordering = orderedByConsenters(signers, { configuration });
  return newTestReceipt(world, { ordering, configurations });
}

/** A consenter whose number is another's, or whose key is. */
function as(id: number, signer: Signer): TestConsenter {
  return { id, signer };
}

describe('a receipt of a Byzantine ordering service', () => {
  test.each([3, 4])('holds where %i of four consenters signed its blocks', async (count) => {
    const receipt = await receiptBy(consenters.slice(0, count));
    expect(await verify(receipt, first)).toMatchObject({ blockNumber: 7, showsBlock: true });
  });

  test('does not hold for whoever has not pinned who the consenters are', async () => {
    await expect(verify(await receiptBy(consenters))).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message:
        'block 7 was ordered under the configuration of block 0, which is neither pinned nor ' +
        'follows from one that is',
    });
  });

  test.each<[string, () => readonly TestConsenter[]]>([
    ['two of them', () => consenters.slice(0, 2)],
    ['one of them three times', () => [consenters[0]!, consenters[0]!, consenters[0]!]],
    [
      'two of them, and one under a number of nobody',
      () => [...consenters.slice(0, 2), as(9, consenters[2]!.signer)],
    ],
    [
      'two of them, and one under the number of another',
      () => [...consenters.slice(0, 2), as(4, consenters[2]!.signer)],
    ],
    ['one of them under three numbers', () => [1, 2, 3].map((id) => as(id, consenters[0]!.signer))],
    [
      'a peer under the numbers of them',
      () => [1, 2, 3].map((id) => as(id, world.peers.AuditorMSP)),
    ],
  ])('does not hold where %s signed', async (_, signers) => {
    const receipt = await receiptBy(signers());
    await expect(verify(receipt, first)).rejects.toMatchObject({
      code: 'ORDERING',
      message: expect.stringContaining('of 4 consenters have signed block 7 where 3 must'),
    });
  });

  test('does not hold where one node with a good certificate signed alone', async () => {
    const orderer = await world.authorities.AuditorMSP.issue('orderer9', 'orderer');
    const receipt = await newTestReceipt(world, { ordering: orderedByOne(orderer, 3) });
    await expect(verify(receipt, first)).rejects.toMatchObject({ code: 'ORDERING' });
  });

  test('does not hold where any byte of a signature, or of what is signed, is another', async () => {
    const receipt = await receiptBy(consenters.slice(0, 3));
    const slot = Buffer.from(receipt.block.metadata[0] ?? '', 'base64url');
    let refused = 0;
    for (let at = 0; at < slot.length; at += 1) {
      const changed = Uint8Array.from(slot);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const metadata = [Buffer.from(changed).toString('base64url'), '', 'AA', '', ''];
      const lie = { ...receipt, block: { ...receipt.block, metadata } };
      await expect(verify(lie, first)).rejects.toMatchObject({ name: 'CheckFailed' });
      refused += 1;
    }
    expect(refused).toBe(slot.length);
  });

  test('does not hold where a consenter has a certificate of nobody pinned', async () => {
    const rogue = await (await TestAuthority.create('AuditorMSP')).issue('orderer3', 'orderer');
    const mixed = [...consenters.slice(0, 2), as(3, rogue), consenters[3]!];
    const pinned = await configurationBlock({ number: 0, sequence: 0, consenters: mixed });
    await expect(verify(await receiptBy(mixed), pinned)).rejects.toThrow(
      'a certificate of AuditorMSP was not issued by a pinned root',
    );
  });
});

describe('what is pinned', () => {
  test.each<[string, () => Promise<Uint8Array>, string]>([
    [
      'a configuration of another channel',
      () => configurationBlock({ number: 0, sequence: 0, consenters, channel: 'other' }),
      'block 0 holds no configuration of procurement',
    ],
    [
      'a block of transactions',
      async () => (await newTestBlock({ number: 3, previousHash: none, data: [none] })).bytes,
      'block 3 holds no configuration of procurement',
    ],
    [
      'two consenters of one number',
      () =>
        configurationBlock({
          number: 0,
          sequence: 0,
          consenters: [consenters[0]!, consenters[0]!],
        }),
      'the configuration of block 0 cannot be read: numbers of consenters',
    ],
    ['no block at all', () => Promise.resolve(none), 'a pinned block cannot be read'],
  ])('is refused where it is %s', async (_, pinned, sentence) => {
    await expect(verify(await receiptBy(consenters), await pinned())).rejects.toThrow(sentence);
  });

  test('says who signs where one node is enough, too', async () => {
    const pinned = await configurationBlock({ number: 0, sequence: 0 });
    expect(await verify(await newTestReceipt(world), pinned)).toMatchObject({ blockNumber: 7 });
    await expect(verify(await receiptBy(consenters), pinned)).rejects.toThrow(
      'block 7 is signed by numbers where there are none',
    );
  });
});

describe('a change of the consenters', () => {
  const change = (
    ordering: Ordering,
    about: { readonly sequence?: number; readonly number?: number } = {},
  ): Promise<Uint8Array> =>
    configurationBlock({ number: 5, sequence: 1, consenters: renewed, ordering, ...about });

  test('counts once those before it have signed it', async () => {
    const later = await change(orderedByConsenters(consenters));
    const receipt = await receiptBy(renewed.slice(1), [later], 5);
    expect(await verify(receipt, first)).toMatchObject({ blockNumber: 7 });
    expect(await verify(receipt, later)).toMatchObject({ blockNumber: 7 });
  });

  test('ends the word of those who left', async () => {
    const later = await change(orderedByConsenters(consenters));
    const receipt = await receiptBy(consenters.slice(2), [later], 5);
    await expect(verify(receipt, first)).rejects.toThrow(
      '1 of 4 consenters have signed block 7 where 3 must',
    );
  });

  test.each<[string, () => Promise<readonly Uint8Array[]>, object]>([
    [
      'is not in the receipt',
      () => Promise.resolve([]),
      { code: 'CONFIGURATION', message: expect.stringContaining('configuration of block 5') },
    ],
    [
      'is signed by too few of those before it',
      async () => [await change(orderedByConsenters(consenters.slice(2)))],
      { code: 'ORDERING', message: '2 of 4 consenters have signed block 5 where 3 must' },
    ],
    [
      'is signed by one node with a certificate',
      async () => [await change(orderedByOne(consenters[0]!.signer))],
      { code: 'CONFIGURATION' },
    ],
    [
      'counts one too many',
      async () => [await change(orderedByConsenters(consenters), { sequence: 2 })],
      {
        code: 'CONFIGURATION',
        message: 'the configuration of block 5 follows none that is known',
      },
    ],
    [
      'was ordered under another configuration than it says',
      async () => [await change(orderedByConsenters(consenters, { configuration: 4 }))],
      {
        code: 'CONFIGURATION',
        message: 'block 5 names another configuration than its own',
      },
    ],
    [
      'is another one in the place of the pinned',
      async () => [await configurationBlock({ number: 0, sequence: 0, consenters: renewed })],
      { code: 'CONFIGURATION', message: 'block 0 is not the configuration that is known' },
    ],
  ])('is refused where it %s', async (_, configurations, failure) => {
    const receipt = await receiptBy(renewed, await configurations(), 5);
    await expect(verify(receipt, first)).rejects.toMatchObject(failure);
  });
});
