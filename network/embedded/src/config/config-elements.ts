import { common } from '@hyperledger/fabric-protos';
import { compareKeys } from '../state/key-order';

/** A configuration that cannot be changed in the way asked for; the text is Fabric's. */
export class ConfigUpdateError extends Error {
  override readonly name = 'ConfigUpdateError';
}

/** One element of a configuration tree, with the names of the groups around it. */
export type ConfigElement = {
  readonly key: string;
  readonly path: readonly string[];
} & (
  | { readonly kind: 'Group'; readonly content: common.ConfigGroup }
  | { readonly kind: 'Value'; readonly content: common.ConfigValue }
  | { readonly kind: 'Policy'; readonly content: common.ConfigPolicy }
);

/** The elements of a configuration by path, such as `[Value]  /Channel/Orderer/BatchSize`. */
export type ConfigElements = ReadonlyMap<string, ConfigElement>;

const rootKey = 'Channel';
const prefixes = { Group: '[Group]  /', Value: '[Value]  /', Policy: '[Policy] /' } as const;
const longestKey = 249;

/**
 * The elements of a configuration, in the order of their paths.
 * @param root the `Channel` group, perhaps a part of it; undefined has no elements
 * @throws ConfigUpdateError for a name that Fabric does not allow
 * Source: common/configtx/configmap.go:mapConfig
 */
export function elementsOf(root: common.ConfigGroup | undefined): ConfigElements {
  const found = new Map<string, ConfigElement>();
  if (root) addGroup(found, { key: rootKey, path: [], kind: 'Group', content: root });
  return new Map([...found].sort(([a], [b]) => compareKeys(a, b)));
}

function addGroup(
  found: Map<string, ConfigElement>,
  group: ConfigElement & { kind: 'Group' },
): void {
  add(found, group);
  const path = [...group.path, group.key];
  const { content } = group;
  content.getGroupsMap().forEach((child, key) => {
    addGroup(found, { key, path, kind: 'Group', content: child });
  });
  content.getValuesMap().forEach((value, key) => {
    add(found, { key, path, kind: 'Value', content: value });
  });
  content.getPoliciesMap().forEach((policy, key) => {
    add(found, { key, path, kind: 'Policy', content: policy });
  });
}

function add(found: Map<string, ConfigElement>, element: ConfigElement): void {
  const fault = nameFault(element.key);
  if (fault !== undefined) {
    const prefix = prefixes[element.kind].slice(0, -1);
    throw new ConfigUpdateError(`illegal characters in key: ${prefix}: ${fault}`);
  }
  found.set(fullPath(element), element);
}

function fullPath({ kind, path, key }: Pick<ConfigElement, 'kind' | 'path' | 'key'>): string {
  return prefixes[kind] + [...path, key].join('/');
}

/**
 * Why a name may not stand in a configuration, undefined when it may.
 * Source: common/configtx/validator.go:validateConfigID
 */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'config ID illegal, cannot be empty';
  if (Buffer.byteLength(name) > longestKey) {
    return `config ID illegal, cannot be longer than ${String(longestKey)}`;
  }
  if (name === '.' || name === '..') return `name '${name}' for config ID is not allowed`;
  if (!/^[a-zA-Z0-9.-]+$/.test(name)) return `config ID '${name}' contains illegal characters`;
  return undefined;
}

/**
 * Builds the tree that elements make up; a group has the members that it names itself.
 * @throws ConfigUpdateError when a member is missing
 * Source: common/configtx/configmap.go:configMapToConfig
 */
export function treeOf(elements: ConfigElements): common.ConfigGroup {
  return groupAt(elements, [], rootKey);
}

function groupAt(
  elements: ConfigElements,
  path: readonly string[],
  key: string,
): common.ConfigGroup {
  const { content } = elementAt(elements, { kind: 'Group', path, key });
  const inner = [...path, key];
  const group = new common.ConfigGroup();
  group.setVersion(content.getVersion());
  group.setModPolicy(content.getModPolicy());
  for (const name of content.getGroupsMap().keys()) {
    group.getGroupsMap().set(name, groupAt(elements, inner, name));
  }
  for (const name of content.getValuesMap().keys()) {
    const value = elementAt(elements, { kind: 'Value', path: inner, key: name });
    group.getValuesMap().set(name, value.content);
  }
  for (const name of content.getPoliciesMap().keys()) {
    const policy = elementAt(elements, { kind: 'Policy', path: inner, key: name });
    group.getPoliciesMap().set(name, policy.content);
  }
  return group;
}

function elementAt<Kind extends ConfigElement['kind']>(
  elements: ConfigElements,
  place: { kind: Kind; path: readonly string[]; key: string },
): ConfigElement & { kind: Kind } {
  const path = fullPath(place);
  const found = elements.get(path);
  if (!found) throw new ConfigUpdateError(`missing ${place.kind.toLowerCase()} at path: ${path}`);
  return found as ConfigElement & { kind: Kind };
}

/** Whether two trees hold the same, whatever the order of their maps. */
export function isSameTree(left: common.ConfigGroup, right: common.ConfigGroup): boolean {
  const [a, b] = [elementsOf(left), elementsOf(right)];
  if (a.size !== b.size) return false;
  return [...a].every(([path, element]) => {
    const other = b.get(path);
    return other !== undefined && Buffer.compare(bytesOf(element), bytesOf(other)) === 0;
  });
}

/** An element by itself: a group without its members. */
function bytesOf({ kind, content }: ConfigElement): Uint8Array {
  if (kind !== 'Group') return content.serializeBinary();
  const bare = new common.ConfigGroup();
  bare.setVersion(content.getVersion());
  bare.setModPolicy(content.getModPolicy());
  return bare.serializeBinary();
}
