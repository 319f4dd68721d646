import type { Map as ProtoMap } from 'google-protobuf';
import { common } from '@hyperledger/fabric-protos';

/** A configuration that did not change; there is nothing to propose. */
export class NoConfigChangeError extends Error {
  override readonly name = 'NoConfigChangeError';
}

/**
 * The update that turns one configuration into another: what is read at its version, and what is
 * written at the next one.
 * @param parts.original the `Channel` group at the moment
 * @param parts.updated the same with the changes; versions in it do not matter
 * @throws NoConfigChangeError
 * Source: internal/configtxlator/update/update.go:Compute
 */
export function computeUpdate(parts: {
  readonly channel: string;
  readonly original: common.ConfigGroup;
  readonly updated: common.ConfigGroup;
}): common.ConfigUpdate {
  const difference = compareGroups(parts.original, parts.updated);
  if (!difference.isChanged) {
    throw new NoConfigChangeError('no differences detected between original and updated config');
  }
  const update = new common.ConfigUpdate();
  update.setChannelId(parts.channel);
  update.setReadSet(difference.read);
  update.setWriteSet(difference.write);
  return update;
}

interface Difference {
  readonly read: common.ConfigGroup;
  readonly write: common.ConfigGroup;
  readonly isChanged: boolean;
}

function compareGroups(original: common.ConfigGroup, updated: common.ConfigGroup): Difference {
  const version = original.getVersion();
  const read = groupAt(version);
  const write = groupAt(version);
  const kinds = [
    compareMembers({
      before: original.getPoliciesMap(),
      after: updated.getPoliciesMap(),
      read: read.getPoliciesMap(),
      write: write.getPoliciesMap(),
      compare: comparePolicies,
    }),
    compareMembers({
      before: original.getValuesMap(),
      after: updated.getValuesMap(),
      read: read.getValuesMap(),
      write: write.getValuesMap(),
      compare: compareValues,
    }),
    compareMembers({
      before: original.getGroupsMap(),
      after: updated.getGroupsMap(),
      read: read.getGroupsMap(),
      write: write.getGroupsMap(),
      compare: compareSubgroups,
    }),
  ];
  const isRegrouped =
    kinds.some((kind) => kind.hasOtherNames) || original.getModPolicy() !== updated.getModPolicy();
  if (!isRegrouped) return { read, write, isChanged: kinds.some((kind) => kind.isChanged) };
  // The group itself changes, so it names all its members, those that stay the same included.
  for (const kind of kinds) kind.keepSame();
  write.setVersion(version + 1);
  write.setModPolicy(updated.getModPolicy());
  return { read, write, isChanged: true };
}

/** What becomes of one member: the same at its version, or written and perhaps read too. */
type MemberChange<T> = { readonly same: T } | { readonly write: T; readonly read?: T };

interface MemberSets<T> {
  readonly before: ProtoMap<string, T>;
  readonly after: ProtoMap<string, T>;
  readonly read: ProtoMap<string, T>;
  readonly write: ProtoMap<string, T>;
  /** @param earlier undefined for a new member */
  compare(earlier: T | undefined, later: T): MemberChange<T>;
}

interface MemberOutcome {
  /** Whether members came or went. */
  readonly hasOtherNames: boolean;
  readonly isChanged: boolean;
  /** Puts the members that stay the same into both sets. */
  keepSame(): void;
}

function compareMembers<T>(sets: MemberSets<T>): MemberOutcome {
  const { before, after, read, write } = sets;
  const same: [string, T][] = [];
  after.forEach((later, name) => {
    const change = sets.compare(before.get(name), later);
    if ('same' in change) {
      same.push([name, change.same]);
      return;
    }
    write.set(name, change.write);
    if (change.read) read.set(name, change.read);
  });
  const names = [...before.keys()];
  return {
    hasOtherNames: before.getLength() !== after.getLength() || names.some((one) => !after.has(one)),
    isChanged: write.getLength() > 0,
    keepSame: () => {
      for (const [name, member] of same) {
        read.set(name, member);
        write.set(name, member);
      }
    },
  };
}

function compareValues(
  earlier: common.ConfigValue | undefined,
  later: common.ConfigValue,
): MemberChange<common.ConfigValue> {
  const isSame =
    earlier?.getModPolicy() === later.getModPolicy() &&
    Buffer.compare(earlier.getValue_asU8(), later.getValue_asU8()) === 0;
  const value = new common.ConfigValue();
  if (isSame) {
    value.setVersion(earlier.getVersion());
    return { same: value };
  }
  value.setVersion(nextVersion(earlier));
  value.setModPolicy(later.getModPolicy());
  value.setValue(later.getValue_asU8());
  return { write: value };
}

function comparePolicies(
  earlier: common.ConfigPolicy | undefined,
  later: common.ConfigPolicy,
): MemberChange<common.ConfigPolicy> {
  const isSame =
    earlier?.getModPolicy() === later.getModPolicy() &&
    Buffer.compare(policyBytes(earlier), policyBytes(later)) === 0;
  const policy = new common.ConfigPolicy();
  if (isSame) {
    policy.setVersion(earlier.getVersion());
    return { same: policy };
  }
  policy.setVersion(nextVersion(earlier));
  policy.setModPolicy(later.getModPolicy());
  policy.setPolicy(later.getPolicy());
  return { write: policy };
}

function policyBytes(policy: common.ConfigPolicy): Uint8Array {
  return policy.getPolicy()?.serializeBinary() ?? new Uint8Array();
}

function compareSubgroups(
  earlier: common.ConfigGroup | undefined,
  later: common.ConfigGroup,
): MemberChange<common.ConfigGroup> {
  const { read, write, isChanged } = compareGroups(earlier ?? new common.ConfigGroup(), later);
  if (earlier) return isChanged ? { read, write } : { same: read };
  write.setVersion(0);
  write.setModPolicy(later.getModPolicy());
  return { write };
}

function nextVersion(earlier: { getVersion(): number } | undefined): number {
  return earlier ? earlier.getVersion() + 1 : 0;
}

function groupAt(version: number): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setVersion(version);
  return group;
}
