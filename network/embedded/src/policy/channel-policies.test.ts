import { beforeAll, describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { configGroup } from '../config/config-tree';
import { MspRegistry } from '../identity/msp';
import { policyOfResource } from './acl';
import { ChannelPolicies, PolicyError } from './channel-policies';
import { identityWith } from './policies.test-support';

const path = '/Channel/Application/';
let policies: ChannelPolicies;

function organization(name: string): common.ConfigGroup {
  return configGroup({ values: {}, policies: { Writers: `OR('${name}.client')` } });
}

beforeAll(() => {
  const application = configGroup({
    values: {},
    policies: {
      Any: { rule: 'ANY', of: 'Writers' },
      All: { rule: 'ALL', of: 'Writers' },
      Majority: { rule: 'MAJORITY', of: 'Writers' },
      Nobody: { rule: 'ANY', of: 'Undefined' },
    },
    groups: { A: organization('A'), B: organization('B'), C: organization('C') },
  });
  const root = configGroup({
    values: {},
    policies: { Majority: { rule: 'MAJORITY', of: 'Any' } },
    groups: {
      Application: application,
      Empty: configGroup({ values: {}, policies: { Any: { rule: 'ALL', of: 'Writers' } } }),
    },
  });
  policies = new ChannelPolicies(root, new MspRegistry([]));
});

function held(name: string, count: number): boolean {
  const clients = ['A', 'B', 'C'].slice(0, count).map((one) => identityWith(`${one}.client`));
  return policies.satisfied(path + name, clients);
}

describe('an implicit meta policy', () => {
  test('counts the sub-groups whose policy holds', () => {
    const table = ['Any', 'Majority', 'All', 'Nobody'].map((name) =>
      [0, 1, 2, 3].map((count) => held(name, count)),
    );
    expect(table).toEqual([
      [false, true, true, true],
      [false, false, true, true],
      [false, false, false, true],
      [false, false, false, false],
    ]);
  });

  test('without sub-groups is always satisfied', () => {
    expect(policies.satisfied('/Channel/Empty/Any', [])).toBe(true);
  });

  test('may stand on other ones', () => {
    expect(policies.satisfied('/Channel/Majority', [])).toBe(false);
    expect(policies.satisfied('/Channel/Majority', [identityWith('B.client')])).toBe(true);
  });

  test('tells what is missing in the words of Fabric', () => {
    expect(() => {
      policies.check(`${path}Majority`, []);
    }).toThrow(
      new PolicyError(
        'implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy ' +
          "requires 2 of the 'Writers' sub-policies to be satisfied",
      ),
    );
  });

  test('tells where its sub-policies are', () => {
    expect(policies.metaPolicy(`${path}Majority`)).toEqual({
      name: 'Writers',
      paths: [`${path}A/Writers`, `${path}B/Writers`, `${path}C/Writers`],
      threshold: 2,
    });
    expect(policies.signaturePolicy(`${path}A/Writers`)).toBeDefined();
  });
});

describe('a channel policy', () => {
  test('of an organization is refused in the words of Fabric', () => {
    expect(() => {
      policies.check(`${path}A/Writers`, []);
    }).toThrow(new PolicyError('signature set did not satisfy policy'));
  });

  test('that does not exist satisfies nobody', () => {
    expect(policies.has(`${path}Odd`)).toBe(false);
    expect(policies.satisfied(`${path}Odd`, [identityWith('A.client')])).toBe(false);
    expect(() => {
      policies.check(`${path}Odd`, []);
    }).toThrow(PolicyError);
  });
});

describe('the table of resources', () => {
  test('guards proposals by Writers and queries by Readers', () => {
    expect(policyOfResource('peer/Propose')).toBe('/Channel/Application/Writers');
    expect(policyOfResource('qscc/GetBlockByTxID')).toBe('/Channel/Application/Readers');
    expect(policyOfResource('cscc/GetChannels')).toBeUndefined();
    expect(policyOfResource('toString')).toBeUndefined();
  });
});
