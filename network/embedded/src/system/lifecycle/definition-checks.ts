import { common, msp, peer } from '@hyperledger/fabric-protos';
import { mspIdOfPrincipal } from '../../private/collections';

const NAME = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const VERSION = /^[A-Za-z0-9_.+-]+$/;
const COLLECTION_NAME = /^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/;
const SYSTEM_CHAINCODES: readonly string[] = ['cscc', 'escc', 'lscc', 'qscc', 'vscc'];

/** What a proposed definition is checked against. */
export interface DefinitionSurroundings {
  /** MSP ids of the channel. */
  readonly mspIds: readonly string[];
  /** Collections of the definition that the channel has. */
  readonly committed: peer.CollectionConfigPackage | undefined;
}

/**
 * Checks name, version and collections of a proposed definition.
 * @throws Error with Fabric's text (core/chaincode/lifecycle/scc.go:validateInput)
 */
export function checkDefinition(
  proposed: { readonly name: string; readonly version: string },
  collections: peer.CollectionConfigPackage,
  surroundings: DefinitionSurroundings,
): void {
  checkNameAndVersion(proposed);
  const configs = collections.getConfigList().map(staticConfig);
  const seen = new Set<string>();
  for (const config of configs) {
    checkCollection(config, seen, surroundings.mspIds);
    seen.add(config.getName());
  }
  checkAgainstCommitted(configs, surroundings.committed);
}

function checkNameAndVersion({ name, version }: { name: string; version: string }): void {
  if (!NAME.test(name)) {
    throw new Error(
      `invalid chaincode name '${name}'. Names can only consist of alphanumerics, '_', and '-' ` +
        'and can only begin with alphanumerics',
    );
  }
  if (SYSTEM_CHAINCODES.includes(name)) {
    throw new Error(`chaincode name '${name}' is the name of a system chaincode`);
  }
  if (VERSION.test(version)) return;
  throw new Error(
    `invalid chaincode version '${version}'. Versions can only consist of alphanumerics, '_', ` +
      `'-', '+', and '.'`,
  );
}

function staticConfig(config: peer.CollectionConfig): peer.StaticCollectionConfig {
  const found = config.getStaticCollectionConfig();
  if (!found) throw new Error('collection config contains unexpected payload type: <nil>');
  return found;
}

function checkCollection(
  config: peer.StaticCollectionConfig,
  seen: ReadonlySet<string>,
  mspIds: readonly string[],
): void {
  const name = config.getName();
  if (!COLLECTION_NAME.test(name)) {
    throw new Error(
      `invalid collection name '${name}'. Names can only consist of alphanumerics, '_', and '-' ` +
        `and cannot begin with '_'`,
    );
  }
  const label = `collection-name: ${name} --`;
  if (seen.has(name)) throw new Error(`${label} found duplicate in collection configuration`);
  const most = config.getMaximumPeerCount();
  const required = config.getRequiredPeerCount();
  if (most < required) {
    throw new Error(
      `${label} maximum peer count (${String(most)}) cannot be less than the required peer count ` +
        `(${String(required)})`,
    );
  }
  if (required < 0) {
    throw new Error(`${label} requiredPeerCount (${String(required)}) cannot be less than zero`);
  }
  checkMembers(config, mspIds);
}

function checkMembers(config: peer.StaticCollectionConfig, mspIds: readonly string[]): void {
  const name = config.getName();
  const members = config.getMemberOrgsPolicy();
  if (!members) throw new Error(`collection member policy is not set for collection '${name}'`);
  const policy = members.getSignaturePolicy();
  if (!policy) throw new Error(`collection member org policy is empty for collection '${name}'`);
  checkOnlyOr(name, policy.getRule());
  for (const principal of policy.getIdentitiesList()) checkPrincipal(name, principal, mspIds);
}

function checkOnlyOr(name: string, rule: common.SignaturePolicy | undefined): void {
  const gate = rule?.getNOutOf();
  if (!gate) return;
  if (gate.getN() !== 1) {
    throw new Error(
      `collection-name: ${name} -- error in member org policy: signature policy is not an OR ` +
        `concatenation, NOutOf ${String(gate.getN())}`,
    );
  }
  for (const inner of gate.getRulesList()) checkOnlyOr(name, inner);
}

function checkPrincipal(
  name: string,
  principal: msp.MSPPrincipal,
  mspIds: readonly string[],
): void {
  const kind = principal.getPrincipalClassification();
  const mspId = mspIdOfPrincipal(principal);
  if (mspId === undefined) {
    throw new Error(`collection-name: ${name} -- principal type ${String(kind)} is not supported`);
  }
  if (mspIds.includes(mspId)) return;
  const { IDENTITY } = msp.MSPPrincipal.Classification;
  throw new Error(
    kind === IDENTITY
      ? `collection-name: ${name} -- contains an identity that is not part of the channel`
      : `collection-name: ${name} -- collection member '${mspId}' is not part of the channel`,
  );
}

function checkAgainstCommitted(
  proposed: readonly peer.StaticCollectionConfig[],
  committed: peer.CollectionConfigPackage | undefined,
): void {
  const existing = committed?.getConfigList().map(staticConfig) ?? [];
  if (existing.length > 0 && proposed.length === 0) {
    throw new Error(
      'the proposed collection config does not contain previously defined collections',
    );
  }
  for (const config of existing) {
    const name = config.getName();
    const again = proposed.find((one) => one.getName() === name);
    if (!again) {
      throw new Error(
        `existing collection [${name}] missing in the proposed collection configuration`,
      );
    }
    if (again.getBlockToLive() !== config.getBlockToLive()) {
      throw new Error(
        `the BlockToLive in an existing collection [${name}] modified. ` +
          `Existing value [${String(config.getBlockToLive())}]`,
      );
    }
  }
}
