import type { CaseGroup } from '../conformance-case';
import { evaluate, submit, submitOutcome } from '../gateway-calls';
import { policyHex } from '../policies';
import { recordedChaincodes } from '../recorded-network';
import { spoiled, withHighS, serializedIdentity } from '../signer';
import type { Signer } from '../signer';
import { codeName } from '../world';
import type { Forgery, Ordered, World } from '../world';

const VALID = { broadcast: 200, validationCode: 0 };
const POLICY = { broadcast: 200, validationCode: 10 };
const MVCC = { broadcast: 200, validationCode: 11 };
const vendorOnly = policyHex(1, ['VendorMSP']);

const chaincodePolicies: CaseGroup = {
  title: 'the policy of a chaincode',
  cases: [
    {
      id: '42',
      title: 'of a majority of three is not satisfied by one',
      observe: async (world) => {
        const { ministry, vendor } = await peers(world);
        const call = { chaincode: 'probe2' };
        return {
          one: await world.orderForged(['put', 'k42', '1'], { ...call, by: [ministry] }),
          two: await world.orderForged(['put', 'k42', '1'], { ...call, by: [ministry, vendor] }),
        };
      },
      expected: { one: POLICY, two: VALID },
    },
    {
      id: '43',
      title: 'is satisfied in any order',
      observe: observeCombinations,
      expected: { 'auditor+ministry': 0, 'ministry+vendor': 10, auditor: 10, 'vendor+auditor': 0 },
    },
    {
      id: '44',
      title: 'counts an endorser once',
      observe: async (world) => {
        const { ministry } = await peers(world);
        return world.orderForged(['put', 'k44', '1'], {
          chaincode: 'probe2',
          by: [ministry, ministry],
        });
      },
      expected: POLICY,
    },
    {
      id: '45',
      title: 'takes endorsers in their order and does not go back',
      observe: observeGreedy,
      expected: { adminUser: POLICY, userAdmin: VALID, adminAlone: POLICY, userUser: POLICY },
    },
    {
      id: '45b',
      title: 'passes over bad endorsements',
      observe: observeBadEndorsements,
      expected: { goodGoodBad: 0, badThenGoodOfSameEndorser: 0, goodBad: 10, goodHighS: 10 },
    },
    {
      id: '50',
      title: 'holds for a transaction that only reads',
      observe: async (world) => {
        const { auditor, ministry } = await peers(world);
        const by = [ministry];
        return {
          both: await world.orderForged(['get', 'k50'], { by: [auditor, ministry] }),
          single: await world.orderForged(['get', 'k50'], { by }),
          nothing: await world.orderForged(['nothing'], { by }),
        };
      },
      expected: { both: VALID, single: POLICY, nothing: POLICY },
    },
  ],
};

const keyPolicies: CaseGroup = {
  title: 'the policy of a key, which is not that of the chaincode,',
  cases: [
    {
      id: '46',
      title: 'takes its place, both ways',
      observe: observeKeyPolicy,
      expected: { vendorAlone: VALID, auditorMinistry: POLICY, final: 'c' },
    },
    {
      id: '46b',
      title: 'decides whom the gateway asks',
      observe: async (world) => {
        await world.prepare(['putSetPolicyHex', 'kp46b', 'a', vendorOnly]);
        const { code, endorsers } = await submit(world, ['put', 'kp46b', 'g']);
        return { code, endorsers };
      },
      expected: { code: 0, endorsers: ['VendorMSP'] },
    },
    {
      id: '47',
      title: 'cannot change in one block with its key',
      observe: async (world) => {
        await world.prepare(['put', 'kp47', 'a']);
        const placed = await world.commit(
          await world.forged(['setPolicyHex', 'kp47', vendorOnly]),
          await world.forged(['put', 'kp47', 'b']),
        );
        return {
          sameBlock: placed[0]!.block === placed[1]!.block,
          codes: placed.map(({ code }) => code),
          final: await evaluate(world, ['get', 'kp47']),
        };
      },
      expected: { sameBlock: true, codes: [0, 10], final: 'a' },
    },
  ],
};

const divergence: CaseGroup = {
  title: 'endorsers that do not agree',
  cases: [
    {
      id: '48b',
      title: 'are told apart by the gateway',
      observe: (world) => submitOutcome(world, ['random', 'k48b']),
      expected: {
        error: 'EndorseError',
        grpcCode: 10,
        details: [{ message: 'ProposalResponsePayloads do not match' }],
      },
    },
  ],
};

const upgrades: CaseGroup = {
  title: 'the next definition of a chaincode',
  needs: ['upgrade'],
  cases: [
    {
      id: '51',
      title: 'makes a conflict of what was endorsed under the one before',
      observe: async (world) => {
        const { ministry, vendor } = await peers(world);
        const call = { chaincode: 'greedy3', by: [ministry, vendor] };
        const inFlight = await world.forged(['put', 'k51', '1'], call);
        const before = recordedChaincodes.find(({ name }) => name === 'greedy3')!;
        await world.driver.deploy({ ...before, version: '2', sequence: 2 });
        return {
          inFlight: await world.order(inFlight),
          after: await world.orderForged(['put', 'k51', '1'], call),
        };
      },
      expected: { inFlight: MVCC, after: VALID },
    },
  ],
};

/** Endorsements and the policies that they are held against. */
export function endorsementCases(): readonly CaseGroup[] {
  return [chaincodePolicies, keyPolicies, divergence];
}

/** They change what other cases are about, so they come last. */
export function upgradeCases(): readonly CaseGroup[] {
  return [upgrades];
}

async function peers(world: World): Promise<{
  ministry: Signer;
  vendor: Signer;
  auditor: Signer;
}> {
  return {
    ministry: await world.identities.peer('MinistryMSP'),
    vendor: await world.identities.peer('VendorMSP'),
    auditor: await world.identities.peer('AuditorMSP'),
  };
}

/** Codes of transactions with the named endorsers, all in one block. */
async function codesBy(
  world: World,
  rows: Readonly<Record<string, readonly Signer[]>>,
  call: Forgery,
): Promise<Record<string, number>> {
  const envelopes = await Promise.all(
    Object.values(rows).map((by, at) => world.forged(['put', `row${at}`, '1'], { ...call, by })),
  );
  const placed = await world.commit(...envelopes);
  return Object.fromEntries(Object.keys(rows).map((name, at) => [name, placed[at]!.code]));
}

async function observeCombinations(world: World): Promise<object> {
  const { ministry, vendor, auditor } = await peers(world);
  const rows = {
    'auditor+ministry': [auditor, ministry],
    'auditor+vendor': [auditor, vendor],
    'ministry+vendor': [ministry, vendor],
    auditor: [auditor],
    'ministry+vendor+auditor': [ministry, vendor, auditor],
    'vendor+auditor': [vendor, auditor],
  };
  return codesBy(world, rows, {});
}

async function observeGreedy(world: World): Promise<object> {
  const user = await world.client();
  const other = await world.identities.client('MinistryMSP', 'other');
  const admin = await world.identities.admin('MinistryMSP');
  const rows = {
    adminUser: [admin, user],
    userAdmin: [user, admin],
    adminAlone: [admin],
    userUser: [user, other],
    adminUserUser: [admin, user, other],
    adminUserAdmin: [admin, user, admin],
  };
  const codes = await codesBy(world, rows, { chaincode: 'greedy' });
  const shown = Object.entries(codes).map(([name, code]): [string, Ordered] => [
    name,
    { broadcast: 200, validationCode: code, name: codeName(code) },
  ]);
  return Object.fromEntries(shown);
}

async function observeBadEndorsements(world: World): Promise<object> {
  const { ministry, vendor, auditor } = await peers(world);
  const nobody = {
    ...auditor,
    serialized: serializedIdentity('NoMSP', Buffer.from(auditor.certificatePem)),
  };
  const rows = {
    goodGoodBad: [ministry, vendor, spoiled(auditor)],
    badGoodGood: [spoiled(auditor), ministry, vendor],
    badThenGoodOfSameEndorser: [spoiled(ministry), ministry, vendor],
    goodBad: [ministry, spoiled(vendor)],
    goodHighS: [ministry, withHighS(vendor)],
    goodClient: [ministry, await world.client('VendorMSP')],
    unknownMsp: [nobody, ministry, vendor],
    none: [],
  };
  return codesBy(world, rows, { chaincode: 'greedy3' });
}

async function observeKeyPolicy(world: World): Promise<object> {
  const { ministry, vendor, auditor } = await peers(world);
  await world.prepare(['putSetPolicyHex', 'kp1', 'a', vendorOnly]);
  const by = (endorsers: Signer[], ...args: string[]) => world.orderForged(args, { by: endorsers });
  const seen = {
    vendorAlone: await by([vendor], 'put', 'kp1', 'b'),
    auditorMinistry: await by([auditor, ministry], 'put', 'kp1', 'x'),
    vendorAloneReadOther: await by([vendor], 'readWrite', 'other', 'kp1', 'c'),
    vendorAloneOtherKey: await by([vendor], 'put', 'other', 'x'),
    policyChangeByVendor: await by([vendor], 'setPolicyHex', 'kp1', vendorOnly),
    policyChangeByOthers: await by([auditor, ministry], 'setPolicyHex', 'kp1', vendorOnly),
  };
  return { ...seen, final: await evaluate(world, ['get', 'kp1']) };
}
