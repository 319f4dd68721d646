import { peer } from '@hyperledger/fabric-protos';
import type { JoinedChannel, JoinedChannels } from '../channel';
import type { ChaincodeDefinition } from '../commit/definitions';
import { AccessDeniedError, checkAccess, checkLocalAccess } from '../endorse/access-control';
import type { LocalMsp } from '../identity/local-msp';
import { localResources } from '../policy/acl';
import { textOf } from '../seams';
import { DEFINITION_FIELDS, fieldKey, LIFECYCLE, metadataKey } from '../state/lifecycle-keys';
import type { TxSimulator } from '../state/simulator';
import { failure, signedDatumOf, success, textArgument } from './system-chaincode';
import type { SystemCall, SystemChaincode } from './system-chaincode';

const { lifecycle } = peer;

/** What the queries are about. */
export interface LifecycleQueryParts {
  readonly channels: JoinedChannels;
  /** The peer's own organization. */
  readonly localMsp: LocalMsp;
  /** Package ids of the chaincodes that the peer can run, by chaincode name. */
  readonly packageIds: ReadonlyMap<string, string>;
}

interface Query {
  readonly channel: JoinedChannel;
  readonly packageIds: ReadonlyMap<string, string>;
  readonly simulator: TxSimulator;
  readonly argument: Uint8Array;
}

class NotDefinedError extends Error {
  override readonly name = 'NotDefinedError';
}

type Handler = (query: Query) => Promise<Uint8Array> | Uint8Array;

const handlers: Readonly<Record<string, Handler>> = {
  QueryChaincodeDefinition: queryDefinition,
  QueryChaincodeDefinitions: queryDefinitions,
  QueryApprovedChaincodeDefinition: queryApproved,
  CheckCommitReadiness: checkReadiness,
};

/**
 * The queries of the `_lifecycle` chaincode. Definitions come from the network's topology, so
 * whatever would change one is refused. Source: core/chaincode/lifecycle/scc.go.
 */
export function lifecycleQueries(parts: LifecycleQueryParts): SystemChaincode {
  return { simulated: true, invoke: (call) => answer(call, parts) };
}

async function answer(call: SystemCall, parts: LifecycleQueryParts): Promise<peer.Response> {
  const { args, simulator } = call;
  if (args.length === 0) return failure('lifecycle scc must be invoked with arguments');
  if (args.length !== 2) {
    return failure(
      `lifecycle scc operations require exactly two arguments but received ${args.length}`,
    );
  }
  const name = textArgument(call, 0);
  try {
    authorize(name, call, parts);
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    return failure(`Failed to authorize invocation due to failed ACL check: ${error.message}`);
  }
  const { channelId } = call.proposal;
  // The only one of the functions here that needs no channel.
  if (name === 'QueryInstalledChaincodes') return success(queryInstalled(parts));
  const channel = parts.channels.get(channelId);
  if (!channel || !simulator) {
    return refusal(name, `no application config for channel '${channelId}'`);
  }
  const { packageIds } = parts;
  return run(name, { channel, packageIds, simulator, argument: args[1] ?? new Uint8Array() });
}

function refusal(name: string, reason: string): peer.Response {
  return failure(`failed to invoke backing implementation of '${name}': ${reason}`);
}

function authorize(name: string, call: SystemCall, parts: LifecycleQueryParts): void {
  const resource = `${LIFECYCLE}/${name}`;
  const role = localResources[resource];
  const { localMsp } = parts;
  if (role) {
    checkLocalAccess({ role, localMsp, creator: call.proposal.creator });
    return;
  }
  const { channelId } = call.proposal;
  const signed = signedDatumOf(call.proposal);
  checkAccess({ resource, channelId, channel: parts.channels.get(channelId)?.config, signed });
}

async function run(name: string, query: Query): Promise<peer.Response> {
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (!handler) return refusal(name, 'definitions of this network come from its topology');
  try {
    return success(await handler(query));
  } catch (error) {
    if (error instanceof NotDefinedError) return failure(error.message, 404);
    return refusal(name, textOf(error));
  }
}

/** Reads a definition, and records what was read in the read set. */
function readDefinition(query: Query, name: string): ChaincodeDefinition | undefined {
  const { simulator, channel } = query;
  simulator.get(LIFECYCLE, metadataKey(name));
  for (const field of DEFINITION_FIELDS) simulator.get(LIFECYCLE, fieldKey(name, field));
  return channel.definitions.find(simulator.snapshot, name);
}

function queryDefinition(query: Query): Uint8Array {
  const name = lifecycle.QueryChaincodeDefinitionArgs.deserializeBinary(query.argument).getName();
  const definition = readDefinition(query, name);
  if (!definition) throw new NotDefinedError(`namespace ${name} is not defined`);
  const result = new lifecycle.QueryChaincodeDefinitionResult();
  fill(result, definition);
  const approvals = result.getApprovalsMap();
  for (const mspId of query.channel.config.organizations) approvals.set(mspId, true);
  return result.serializeBinary();
}

async function queryDefinitions(query: Query): Promise<Uint8Array> {
  const names = await query.channel.definitions.names(query.simulator.snapshot);
  const result = new lifecycle.QueryChaincodeDefinitionsResult();
  for (const name of names) {
    const definition = readDefinition(query, name);
    if (!definition) continue;
    const item = new lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition();
    item.setName(name);
    fill(item, definition);
    result.addChaincodeDefinitions(item);
  }
  return result.serializeBinary();
}

/** Every organization of the topology approves its definitions by running the network. */
function queryApproved(query: Query): Uint8Array {
  const args = lifecycle.QueryApprovedChaincodeDefinitionArgs.deserializeBinary(query.argument);
  const name = args.getName();
  const definition = readDefinition(query, name);
  const sequence = args.getSequence() === 0 ? definition?.sequence : args.getSequence();
  if (!definition || sequence !== definition.sequence) {
    throw new Error(
      `could not fetch approved chaincode definition (name: '${name}', ` +
        `sequence: '${sequence ?? 0}') on channel '${query.channel.channelId}'`,
    );
  }
  const result = new lifecycle.QueryApprovedChaincodeDefinitionResult();
  fill(result, definition);
  result.setSource(sourceOf(query.packageIds.get(name)));
  return result.serializeBinary();
}

function sourceOf(packageId: string | undefined): peer.lifecycle.ChaincodeSource {
  const source = new lifecycle.ChaincodeSource();
  if (packageId === undefined) {
    source.setUnavailable(new lifecycle.ChaincodeSource.Unavailable());
    return source;
  }
  const local = new lifecycle.ChaincodeSource.Local();
  local.setPackageId(packageId);
  source.setLocalPackage(local);
  return source;
}

function queryInstalled(query: Pick<Query, 'packageIds'>): Uint8Array {
  const result = new lifecycle.QueryInstalledChaincodesResult();
  for (const packageId of query.packageIds.values()) {
    const item = new lifecycle.QueryInstalledChaincodesResult.InstalledChaincode();
    item.setPackageId(packageId);
    item.setLabel(packageId.slice(0, packageId.lastIndexOf(':')));
    result.addInstalledChaincodes(item);
  }
  return result.serializeBinary();
}

/** Nobody approves a definition by a transaction here, so no organization is ready. */
function checkReadiness(query: Query): Uint8Array {
  const args = lifecycle.CheckCommitReadinessArgs.deserializeBinary(query.argument);
  const next = (readDefinition(query, args.getName())?.sequence ?? 0) + 1;
  if (args.getSequence() !== next) {
    throw new Error(
      `requested sequence is ${args.getSequence()}, but new definition must be sequence ${next}`,
    );
  }
  const result = new lifecycle.CheckCommitReadinessResult();
  const approvals = result.getApprovalsMap();
  for (const mspId of query.channel.config.organizations) approvals.set(mspId, false);
  return result.serializeBinary();
}

/** The setters that all results about a definition share. */
interface DefinitionMessage {
  setSequence(value: number): void;
  setVersion(value: string): void;
  setEndorsementPlugin(value: string): void;
  setValidationPlugin(value: string): void;
  setValidationParameter(value: Uint8Array): void;
  setCollections(value: peer.CollectionConfigPackage): void;
  setInitRequired(value: boolean): void;
}

function fill(message: DefinitionMessage, definition: ChaincodeDefinition): void {
  message.setSequence(definition.sequence);
  message.setVersion(definition.version);
  message.setEndorsementPlugin(definition.endorsementPlugin);
  message.setValidationPlugin(definition.validationPlugin);
  message.setValidationParameter(definition.policyBytes);
  message.setCollections(definition.collections);
  message.setInitRequired(definition.initRequired);
}
