import { expect } from '@jest/globals';
import type { CaseGroup } from '../conformance-case';
import { submit, submitOutcome } from '../gateway-calls';
import { policyHex } from '../policies';
import { privateDataOf } from '../private-view';
import { recordedCollections } from '../recorded-network';
import { codeName } from '../world';
import type { World } from '../world';
import { vendorAt } from './private-data';

const shared = 'collVendorMinistry';
const both = ['AuditorMSP', 'VendorMSP'];
const needs = ['private-data'] as const;

const endings: CaseGroup = {
  title: 'the end of private data, beyond what was recorded,',
  needs,
  cases: [
    {
      id: 'u20',
      title: 'takes them from the blocks too',
      observe: async (world) => {
        const block = await write(world, 'collShort', 'pu20', 'brief');
        const signer = await world.client('VendorMSP');
        const view = () => privateDataOf(world, { block, signer, at: 'VendorMSP' });
        await passBlocks(world, blockToLive());
        const before = await view();
        await passBlocks(world, 1);
        return { before, after: await view() };
      },
      expected: {
        before: { 0: [{ collections: [{ name: 'collShort', writes: [{ key: 'pu20' }] }] }] },
        after: expect.not.objectContaining({ 0: [{ collections: [{ name: 'collShort' }] }] }),
      },
    },
    {
      id: 'u21',
      title: 'is put off by a new value',
      observe: async (world) => {
        await write(world, 'collShort', 'pu21', 'one');
        await write(world, 'collShort', 'pu21', 'two');
        const seen: string[] = [];
        for (let left = 2; left > 0; left -= 1) {
          await passBlocks(world, left === 2 ? blockToLive() : 1);
          seen.push(await world.text(['pget', 'collShort', 'pu21']));
        }
        return seen;
      },
      expected: ['two', ''],
    },
    {
      id: 'u22',
      title: 'is not that of a value which is written in one block with a purge',
      observe: async (world) => {
        await write(world, shared, 'pu22', 'old');
        const placed = await world.commit(
          await world.endorsed(['ppurge', shared, 'pu22'], both),
          await world.endorsed(['pput', shared, 'pu22', 'new'], both),
        );
        return {
          codes: placed.map(({ code }) => code),
          vendor: await world.text(['pget', shared, 'pu22'], await vendorAt(world, 'Vendor')),
          ministry: await world.text(['pget', shared, 'pu22']),
        };
      },
      expected: { codes: [0, 0], vendor: 'new', ministry: 'new' },
    },
  ],
};

const contents: CaseGroup = {
  title: 'private data, beyond what was recorded,',
  needs,
  cases: [
    {
      id: 'u23',
      title: 'keep their value when the policy of their key changes',
      observe: async (world) => {
        await write(world, shared, 'pu23', 'v');
        const args = ['setPrivPolicyHex', shared, 'pu23', policyHex(1, ['VendorMSP'])];
        const [placed] = await world.commit(await world.endorsed(args, both));
        return { code: placed!.code, value: await world.text(['pget', shared, 'pu23']) };
      },
      expected: { code: 0, value: 'v' },
    },
    {
      id: 'u24',
      title: 'are kept of invalid transactions too, by their place in the block',
      observe: async (world) => {
        const good = await world.endorsed(['pput', shared, 'pu24', 'good'], both);
        const bad = await world.endorsed(['pput', shared, 'pu24b', 'bad'], ['VendorMSP']);
        const [first, second] = await world.commit(good, bad);
        const signer = await world.client();
        return {
          names: [first, second].map((one) => codeName(one!.code)),
          sameBlock: first!.block === second!.block,
          kept: await privateDataOf(world, { block: first!.block, signer, at: 'MinistryMSP' }),
          state: await world.text(['pget', shared, 'pu24b']),
        };
      },
      expected: {
        names: ['VALID', 'ENDORSEMENT_POLICY_FAILURE'],
        sameBlock: true,
        kept: {
          0: [{ collections: [{ name: shared, writes: [{ key: 'pu24', value: 'good' }] }] }],
          1: [{ collections: [{ name: shared, writes: [{ key: 'pu24b', value: 'bad' }] }] }],
        },
        state: '',
      },
    },
    {
      id: 'u25',
      title: 'have ranges in transactions that only read, and no queries by content',
      observe: async (world) => {
        await write(world, shared, 'ru25a', 'one');
        await write(world, shared, 'ru25b', 'two');
        return {
          range: JSON.parse(await world.text(['prange', shared, 'ru25', 'ru26'])) as object,
          rich: await world.ask(['prichQuery', shared, '{}']),
        };
      },
      expected: {
        range: {
          rows: [
            { key: 'ru25a', value: 'one' },
            { key: 'ru25b', value: 'two' },
          ],
        },
        rich: {
          result: { message: expect.stringContaining('ExecuteQuery not supported for leveldb') },
        },
      },
    },
  ],
};

const gatewayPlans: CaseGroup = {
  title: 'the gateway, beyond what was recorded,',
  needs,
  cases: [
    {
      id: 'u26',
      title: 'asks others to write what is not transient',
      observe: async (world) => {
        const { code, endorsers } = await submit(world, ['pput', shared, 'pu26', 'v']);
        return { code, endorsers: [...endorsers].sort() };
      },
      expected: { code: 0, endorsers: ['AuditorMSP', 'MinistryMSP'] },
    },
    {
      id: 'u27',
      title: 'asks members only where private data are read',
      observe: async (world) => {
        const args = ['pgetThenPput', 'collAuditorPolicy', 'pu27', 'v'] as const;
        const { code, endorsers } = await submit(world, args);
        const closed = await submitOutcome(world, ['pgetThenPput', shared, 'pu27', 'v']);
        return { code, endorsers, closed };
      },
      expected: {
        code: 0,
        endorsers: ['AuditorMSP'],
        closed: {
          error: 'EndorseError',
          message:
            '9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the ' +
            'endorsement policy: no peer combination can satisfy the endorsement policy',
        },
      },
    },
  ],
};

/** Private data in situations that no recording has. */
export function unrecordedPrivateDataCases(): readonly CaseGroup[] {
  return [endings, contents, gatewayPlans];
}

function blockToLive(): number {
  return recordedCollections.find(({ name }) => name === 'collShort')!.blockToLive;
}

/** Writes with the endorsements of auditor and vendor. @returns the block */
async function write(
  world: World,
  collection: string,
  key: string,
  value: string,
): Promise<number> {
  const [placed] = await world.commit(await world.endorsed(['pput', collection, key, value], both));
  if (placed!.code !== 0) throw new Error(`${key}: ${codeName(placed!.code)}`);
  return placed!.block;
}

/** Commits so many blocks that have nothing to do with private data. */
async function passBlocks(world: World, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await world.prepare(['put', 'filler', String(at)]);
}
