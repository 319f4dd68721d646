import { expect } from '@jest/globals';
import type { CaseGroup } from '../conformance-case';
import { evaluateOutcome } from '../gateway-calls';
import { chaincodeWithInit } from '../recorded-network';
import { rwsetOf } from '../rwset-view';
import { codeName } from '../world';
import type { Call, World } from '../world';

const needy: Call = { chaincode: chaincodeWithInit.name };
const asInit: Call = { ...needy, isInit: true };
const mustInit =
  "invalid invocation: chaincode 'needy' has not been initialized for this version, " +
  'must call as init first';

const initialization: CaseGroup = {
  title: 'a chaincode that must be initialized',
  needs: ['upgrade'],
  prepare: (world) => world.driver.deploy(chaincodeWithInit),
  cases: [
    {
      id: 'd40',
      title: 'does nothing before, whoever calls it',
      observe: async (world) => ({
        client: await world.ask(['put', 'n1', 'v'], needy),
        chaincode: await evaluateOutcome(world, ['call', 'needy', '', '["put","n1","v"]']),
      }),
      expected: {
        client: refused(`error in simulation: failed to execute transaction .*: ${mustInit}`),
        chaincode: { message: expect.stringContaining(`execute failed: ${mustInit}`) },
      },
    },
    {
      id: 'd41',
      title: 'has no private data meanwhile',
      observe: async (world) => ({
        write: await world.ask(['pput', 'collShort', 'n1', 'v'], asInit),
        read: await world.ask(['pget', 'collShort', 'n1'], asInit),
        hash: await world.ask(['phash', 'collShort', 'n1'], asInit),
      }),
      expected: {
        write: refused('PUT_STATE failed: .*: private data APIs are not allowed in .* Init\\(\\)'),
        read: refused('GET_STATE failed: .*: private data APIs are not allowed in .* Init\\(\\)'),
        hash: refused('GET_PRIVATE_DATA_HASH failed: .*: private data APIs are not allowed'),
      },
    },
    {
      id: 'd42',
      title: 'is initialized once, by the first of two transactions',
      observe: observeOnce,
      expected: {
        sets: [
          { ns: '_lifecycle' },
          {
            ns: 'needy',
            reads: [{ key: initializedKey() }],
            writes: [{ key: initializedKey() }, { key: 'n2' }],
          },
        ],
        codes: ['VALID', 'MVCC_READ_CONFLICT'],
        again: refused("chaincode 'needy' is already initialized but called as init$"),
        then: { ok: true, result: { status: 200, payload: 'v' } },
      },
    },
    {
      id: 'd43',
      title: 'must be initialized again in its next version',
      observe: async (world) => {
        await world.driver.deploy({ ...chaincodeWithInit, version: '2', sequence: 2 });
        const before = await world.ask(['get', 'n2'], needy);
        await world.prepare(['put', 'n2', 'w'], asInit);
        return { before, after: await world.ask(['get', 'n2'], needy) };
      },
      expected: { before: refused(mustInit), after: { ok: true, result: { payload: 'w' } } },
    },
    {
      id: 'd44',
      title: 'is no other than that',
      observe: (world) => world.ask(['put', 'n3', 'v'], { isInit: true }),
      expected: refused("chaincode 'probe' does not require initialization but called as init$"),
    },
  ],
};

/** Chaincodes whose definition requires their initialization. */
export function initializationCases(): readonly CaseGroup[] {
  return [initialization];
}

function initializedKey(): string {
  return '\u0000\u{10ffff}initialized';
}

function refused(text: string): object {
  return { ok: true, result: { status: 500, message: expect.stringMatching(new RegExp(text)) } };
}

async function observeOnce(world: World): Promise<object> {
  const args = ['put', 'n2', 'v'];
  const sets = rwsetOf(await world.run(args, asInit));
  const both = [await world.forged(args, asInit), await world.forged(args, asInit)];
  const placed = await world.commit(...both);
  return {
    sets,
    codes: placed.map(({ code }) => codeName(code)),
    again: await world.ask(args, asInit),
    then: await world.ask(['get', 'n2'], needy),
  };
}
