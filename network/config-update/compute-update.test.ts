import { describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { computeUpdate, NoConfigChangeError } from './compute-update';

// The units of an update (Fabric: internal/configtxlator/update/update.go).

interface Drawn {
  readonly version?: number;
  readonly modPolicy?: string;
  /** Value, policy text and version by name. */
  readonly values?: Readonly<Record<string, readonly [text: string, version: number]>>;
  readonly policies?: Readonly<Record<string, readonly [text: string, version: number]>>;
  readonly groups?: Readonly<Record<string, Drawn>>;
}

function drawGroup({ version = 0, modPolicy = 'Admins', ...members }: Drawn): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setVersion(version);
  group.setModPolicy(modPolicy);
  for (const [name, [text, at]] of Object.entries(members.values ?? {})) {
    const value = new common.ConfigValue();
    value.setVersion(at);
    value.setModPolicy('Admins');
    value.setValue(Buffer.from(text));
    group.getValuesMap().set(name, value);
  }
  for (const [name, [text, at]] of Object.entries(members.policies ?? {})) {
    const policy = new common.Policy();
    policy.setValue(Buffer.from(text));
    const held = new common.ConfigPolicy();
    held.setVersion(at);
    held.setModPolicy('Admins');
    held.setPolicy(policy);
    group.getPoliciesMap().set(name, held);
  }
  for (const [name, child] of Object.entries(members.groups ?? {})) {
    group.getGroupsMap().set(name, drawGroup(child));
  }
  return group;
}

/** A group with the names in it, each with its version; what carries content has a star. */
function outline(group: common.ConfigGroup): unknown {
  const members: Record<string, unknown> = {};
  group.getValuesMap().forEach((value, name) => {
    members[name] = mark(value.getVersion(), value.getValue_asU8().length > 0);
  });
  group.getPoliciesMap().forEach((policy, name) => {
    members[name] = mark(policy.getVersion(), policy.hasPolicy());
  });
  group.getGroupsMap().forEach((child, name) => {
    members[name] = outline(child);
  });
  return [group.getVersion(), members];
}

function mark(version: number, isWritten: boolean): string {
  return `${String(version)}${isWritten ? '*' : ''}`;
}

const original: Drawn = {
  version: 3,
  values: { Capabilities: ['v2', 1] },
  policies: { Admins: ['majority', 2] },
  groups: {
    Orderer: { version: 1, values: { BatchSize: ['500', 4], BatchTimeout: ['2s', 0] } },
    Application: { version: 2, groups: { Alpha: { values: { MSP: ['a', 0] } } } },
  },
};

function updateTo(updated: Drawn): { read: unknown; write: unknown } {
  const update = computeUpdate({
    channel: 'test',
    original: drawGroup(original),
    updated: drawGroup(updated),
  });
  expect(update.getChannelId()).toBe('test');
  return { read: outline(update.getReadSet()!), write: outline(update.getWriteSet()!) };
}

describe('the update from one configuration to another', () => {
  test('writes a changed value at its next version, below groups at theirs', () => {
    const Orderer = { ...original.groups!['Orderer'], values: { BatchSize: ['7', 4] } } as const;
    const values = { ...Orderer.values, BatchTimeout: ['2s', 0] } as const;
    const groups = { ...original.groups, Orderer: { ...Orderer, values } };
    expect(updateTo({ ...original, groups })).toEqual({
      read: [3, { Orderer: [1, {}] }],
      write: [3, { Orderer: [1, { BatchSize: '5*' }] }],
    });
  });

  test('writes a changed policy the same way', () => {
    expect(updateTo({ ...original, policies: { Admins: ['any', 2] } })).toEqual({
      read: [3, {}],
      write: [3, { Admins: '3*' }],
    });
  });

  test('raises the version of a group that gets a member, and names those that stay', () => {
    const Beta = { values: { MSP: ['b', 9] } } as const;
    const Application = { ...original.groups!['Application']!, groups: { Beta } };
    const members = { ...original.groups!['Application']!.groups, ...Application.groups };
    const groups = { ...original.groups, Application: { ...Application, groups: members } };
    expect(updateTo({ ...original, groups })).toEqual({
      read: [3, { Application: [2, { Alpha: [0, {}] }] }],
      write: [3, { Application: [3, { Alpha: [0, {}], Beta: [0, { MSP: '0*' }] }] }],
    });
  });

  test('leaves out a member that goes, which its group at the next version tells', () => {
    const Orderer = { version: 1, values: { BatchSize: ['500', 4] } } as const;
    expect(updateTo({ ...original, groups: { ...original.groups, Orderer } })).toEqual({
      read: [3, { Orderer: [1, { BatchSize: '4' }] }],
      write: [3, { Orderer: [2, { BatchSize: '4' }] }],
    });
  });

  test('raises the version of a group whose modification policy changes', () => {
    const { read, write } = updateTo({ ...original, modPolicy: 'Writers' });
    const members = {
      ...{ Capabilities: '1', Admins: '2' },
      Orderer: [1, {}],
      Application: [2, {}],
    };
    expect(read).toEqual([3, members]);
    expect(write).toEqual([4, members]);
  });

  test('takes no notice of the versions in the changed configuration', () => {
    const values = { Capabilities: ['v3', 77] } as const;
    expect(updateTo({ ...original, version: 99, values })).toEqual({
      read: [3, {}],
      write: [3, { Capabilities: '2*' }],
    });
  });

  test('does not exist where nothing changes', () => {
    expect(() => updateTo({ ...original, version: 99 })).toThrow(NoConfigChangeError);
  });
});
