import type { common } from '@hyperledger/fabric-protos';
import type { CaseGroup } from '../conformance-case';
import { evaluate } from '../gateway-calls';
import { withoutEndorsements } from '../transaction-endorsements';
import { codeName } from '../world';
import type { World } from '../world';

const VALID = 0;
const DUPLICATE_TXID = 9;
const POLICY = 10;
const MVCC = 11;
const PHANTOM = 12;

const inOneBlock: CaseGroup = {
  title: 'of two transactions in a block',
  cases: [
    {
      id: '37',
      title: 'that read and write one key, the second fails',
      observe: async (world) => {
        await world.prepare(['put', 'c37', '1']);
        return together(world, ['addTo', 'c37', '1'], ['addTo', 'c37', '1']);
      },
      expected: { sameBlock: true, codes: [VALID, MVCC] },
    },
    {
      id: '37b',
      title: 'that find a key absent and make it, the second fails',
      observe: (world) => together(world, ['addTo', 'c37b', '1'], ['addTo', 'c37b', '1']),
      expected: { sameBlock: true, codes: [VALID, MVCC] },
    },
    {
      id: '37c',
      title: 'of which the first deletes what the second reads, the second fails',
      observe: async (world) => {
        await world.prepare(['put', 'c37c', '1']);
        return together(world, ['del', 'c37c'], ['addTo', 'c37c', '1']);
      },
      expected: { sameBlock: true, codes: [VALID, MVCC] },
    },
    {
      id: '38',
      title: 'that write one key blindly, both are valid and the last counts',
      observe: async (world) => ({
        ...(await together(world, ['put', 'b38', 'a'], ['put', 'b38', 'b'])),
        final: await evaluate(world, ['get', 'b38']),
      }),
      expected: { sameBlock: true, codes: [VALID, VALID], final: 'b' },
    },
    {
      id: '39',
      title: 'of which the first adds a row to the range of the second, the second fails',
      observe: (world) =>
        together(world, ['put', 'p39-b', '1'], ['rangeWrite', 'p39-', 'p39-z', 'n39', 'x']),
      expected: { sameBlock: true, codes: [VALID, PHANTOM] },
    },
    {
      id: '49',
      title: 'that are the same, the second is a duplicate',
      needs: ['ordering-of-duplicates'],
      observe: async (world) => {
        const once = await world.forged(['put', 'k49', '1']);
        return orderTogether(world, once, once);
      },
      expected: { sameBlock: true, codes: [VALID, DUPLICATE_TXID] },
    },
    {
      id: '49b',
      title: 'with one id of which the first is badly endorsed, the second counts',
      needs: ['ordering-of-duplicates'],
      observe: async (world) => {
        const good = await world.forged(['put', 'k49b', '1']);
        return orderTogether(world, withoutEndorsements(good, await world.client()), good);
      },
      expected: { sameBlock: true, codes: [POLICY, VALID] },
    },
  ],
};

const betweenBlocks: CaseGroup = {
  title: 'of what was read',
  cases: [
    {
      id: '37d',
      title: 'a key that changed in an earlier block is a conflict',
      observe: async (world) => {
        await world.prepare(['put', 'c37d', '1']);
        return later(world, ['addTo', 'c37d', '1'], ['addTo', 'c37d', '1']);
      },
      expected: { validationCode: MVCC },
    },
    {
      id: '39b',
      title: 'a range that got a row is a phantom',
      observe: (world) => rangeAndThen(world, '39b', (prefix) => ['put', `${prefix}b`, '2']),
      expected: { validationCode: PHANTOM },
    },
    {
      id: '39c',
      title: 'a range of which a row changed is a phantom',
      observe: (world) => rangeAndThen(world, '39c', (prefix) => ['put', `${prefix}a`, '2']),
      expected: { validationCode: PHANTOM },
    },
    {
      id: '39d',
      title: 'a range whose end, which is excluded, was written is as it was',
      observe: (world) => rangeAndThen(world, '39d', (prefix) => ['put', `${prefix}z`, '2']),
      expected: { validationCode: VALID },
    },
    {
      id: '40',
      title: 'a range of which a row was deleted is a phantom',
      observe: (world) => rangeAndThen(world, '40', (prefix) => ['del', `${prefix}a`]),
      expected: { validationCode: PHANTOM },
    },
    {
      id: '41',
      title: 'an unfinished scan reaches as far as the peer has looked, and no further',
      observe: async (world) => {
        await world.prepare(['putMany', 'scan', '150', 'v']);
        const scan = (key: string) => ['rangeFirstWrite', 'scan', 'scao', '1', key, 'x'];
        return {
          beyond: await later(world, scan('far41'), ['put', 'scan0120a', 'v']),
          within: await later(world, scan('near41'), ['put', 'scan0099a', 'v']),
        };
      },
      expected: { beyond: { validationCode: VALID }, within: { validationCode: PHANTOM } },
    },
  ],
};

/** Transactions that are in each other's way. */
export function conflictCases(): readonly CaseGroup[] {
  return [inOneBlock, betweenBlocks];
}

type Args = readonly string[];

/** Makes both transactions first, and then orders them into one block. */
async function together(world: World, first: Args, second: Args): Promise<object> {
  return orderTogether(world, await world.forged(first), await world.forged(second));
}

async function orderTogether(
  world: World,
  ...envelopes: readonly common.Envelope[]
): Promise<object> {
  const placed = await world.commit(...envelopes);
  const codes = placed.map(({ code }) => code);
  return {
    // `commit` takes no other answer.
    broadcast: ['200'],
    sameBlock: new Set(placed.map(({ block }) => block)).size === 1,
    codes,
    names: codes.map(codeName),
  };
}

/** Makes the transaction, commits `before`, and orders the transaction then. */
async function later(world: World, args: Args, before: Args): Promise<object> {
  const envelope = await world.forged(args);
  await world.prepare(before);
  return world.order(envelope);
}

async function rangeAndThen(
  world: World,
  id: string,
  change: (prefix: string) => string[],
): Promise<object> {
  const prefix = `p${id}-`;
  await world.prepare(['put', `${prefix}a`, '1']);
  return later(world, ['rangeWrite', prefix, `${prefix}z`, `n${id}`, 'x'], change(prefix));
}
