import { expect } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import type { CaseGroup } from '../conformance-case';
import { evaluate, evaluateOutcome, submit } from '../gateway-calls';
import { policyHex } from '../policies';
import { actionOf } from '@procurement/network/messages/transaction';
import { rwsetOf } from '../rwset-view';
import type { World } from '../world';

const putAtOther = ['probe2', '', '["put","y1","v"]'] as const;
const vendorOnly = policyHex(1, ['VendorMSP']);

const chaincodeCalls: CaseGroup = {
  title: 'a call of another chaincode',
  cases: [
    {
      id: '32',
      title: 'on the same channel adds to the same sets',
      observe: async (world) => rwsetOf(await world.run(['callPut', 'x1', 'v', ...putAtOther])),
      expected: [
        { ns: '_lifecycle' },
        { ns: 'probe', writes: [{ key: 'x1' }] },
        { ns: 'probe2', writes: [{ key: 'y1' }] },
      ],
    },
    {
      id: '32b',
      title: 'is endorsed under both policies and writes for both',
      observe: async (world) => {
        const { code, result, endorsers } = await submit(world, [
          'callPut',
          'x1',
          'v',
          ...putAtOther,
        ]);
        const callee = await evaluate(world, ['get', 'y1'], { chaincode: 'probe2' });
        return { code, result: Buffer.from(result).toString(), callee, endorsers };
      },
      expected: { code: 0, callee: 'v' },
    },
    {
      id: '32c',
      title: 'on another channel writes nothing there',
      needs: ['second-channel'],
      observe: async (world) => {
        const args = ['second', '["put","y1","v"]'] as const;
        const absent = await world.run(['callPut', 'x1', 'v', 'probe2', ...args]);
        return {
          rw: absent.getResponse()?.getMessage(),
          probe: rwsetOf(await world.run(['callPut', 'x1', 'v', 'probe', ...args])),
        };
      },
      expected: {
        rw: expect.stringContaining('chaincode probe2 not found'),
        probe: [{ ns: '_lifecycle' }, { ns: 'probe', writes: [{ key: 'x1' }] }],
      },
    },
    {
      id: '33',
      title: 'that fails is answered and not thrown',
      observe: async (world) =>
        JSON.parse(await evaluate(world, ['call', 'probe2', '', '["fail","boom"]'])) as unknown,
      expected: { status: 500, message: 'boom', payload: '' },
    },
    {
      id: '34',
      title: 'that is the same one fails',
      observe: (world) => evaluateOutcome(world, ['call', 'probe', '', '["get","a"]']),
      expected: { grpcCode: 2, message: expect.stringMatching(/\(procurement\) exists$/) },
    },
    {
      id: '35',
      title: 'drops the event of the callee',
      observe: async (world) => {
        const event = '["event","inner","p"]';
        return {
          calleeOnly: await eventOf(world, ['call', 'probe2', '', event]),
          both: await eventOf(world, ['callEvent', 'outer', 'q', 'probe2', '', event]),
        };
      },
      expected: { calleeOnly: null, both: { chaincodeId: 'probe', eventName: 'outer' } },
    },
    {
      id: '36',
      title: 'aside, the last of two events counts',
      observe: (world) => eventOf(world, ['twoEvents', 'e1', 'p1', 'e2', 'p2']),
      expected: { eventName: 'e2', payload: Buffer.from('p2').toString('base64') },
    },
  ],
};

const keyPolicies: CaseGroup = {
  title: 'the policy of a key',
  cases: [
    {
      id: '31',
      title: 'is read as it was written',
      observe: observeKeyPolicy,
      expected: { same: true, none: '' },
    },
    {
      id: '31b',
      title: 'of a key that is not there comes to nothing',
      observe: async (world) => {
        const { code } = await submit(world, ['setPolicyHex', 'nobody', vendorOnly]);
        return {
          code,
          value: await evaluate(world, ['getLen', 'nobody']),
          policy: await evaluate(world, ['getPolicyHex', 'nobody']),
        };
      },
      expected: { code: 0, value: '0', policy: '' },
    },
  ],
};

/** Chaincodes that call chaincodes, events, and policies of keys. */
export function callCases(): readonly CaseGroup[] {
  return [chaincodeCalls, keyPolicies];
}

async function observeKeyPolicy(world: World): Promise<object> {
  await world.prepare(['putSetPolicyHex', 'kp0', 'v', vendorOnly]);
  const answer = await world.run(['getPolicyHex', 'kp0']);
  const writing = await world.run(['putSetPolicyHex', 'kp9', 'v', vendorOnly]);
  return {
    same: Buffer.from(answer.getResponse()!.getPayload_asU8()).toString() === vendorOnly,
    none: await evaluate(world, ['getPolicyHex', 'kp9']),
    rw: rwsetOf(answer),
    rwSet: rwsetOf(writing).find(({ ns }) => ns === 'probe'),
  };
}

/** The event that a peer endorsed, or null. */
async function eventOf(world: World, args: readonly string[]): Promise<object | null> {
  const { signed, txId } = await world.proposal(args);
  const response = await world.clients.propose('MinistryMSP', signed);
  const bytes = actionOf(response.getPayload_asU8()).getEvents_asU8();
  if (bytes.length === 0) return null;
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  return {
    chaincodeId: event.getChaincodeId(),
    txId: event.getTxId() === txId ? '<TXID>' : event.getTxId(),
    eventName: event.getEventName(),
    payload: event.getPayload_asB64(),
  };
}
