import { peer } from '@hyperledger/fabric-protos';
import { chaincodeSource } from '../../../../lifecycle/definition';
import type { Compat } from '../../../../topology';
import type { JoinedChannel } from '../../channel';
import { LIFECYCLE, metadataKey } from '../../state/lifecycle-keys';
import type { TxSimulator } from '../../state/simulator';
import {
  approvalsOf,
  approve,
  checkReadiness,
  commitDefinition,
  parametersOf,
  queryApproved,
} from './approvals';
import type {
  ApprovalPlaces,
  OrganizationFields,
  ProposedDefinition,
  Readiness,
} from './approvals';
import { decodeArgument } from './decode-argument';
import { checkDefinition } from './definition-checks';
import { implicitCollection, opaqueFields, ownFields, publicFields } from './lifecycle-state';
import { hasStructure, readParameters, readSequence } from './structures';
import type { DefinitionParameters, WritableFields } from './structures';

const { lifecycle } = peer;

/** A chaincode that the channel has no definition of: status 404. */
export class NotDefinedError extends Error {
  override readonly name = 'NotDefinedError';
}

/** What the functions about a channel work on. */
export interface ChannelContext {
  readonly channel: JoinedChannel;
  readonly simulator: TxSimulator;
  /** MSP id of the peer's own organization. */
  readonly mspId: string;
  readonly compat: Compat;
}

type ChannelFunction = (
  argument: Uint8Array,
  context: ChannelContext,
) => Uint8Array | Promise<Uint8Array>;

/** The functions of `_lifecycle` that concern a channel. */
export const channelFunctions: Readonly<Record<string, ChannelFunction>> = {
  ApproveChaincodeDefinitionForMyOrg: approveForOrganization,
  QueryApprovedChaincodeDefinition: approvedDefinition,
  QueryApprovedChaincodeDefinitions: approvedDefinitions,
  CheckCommitReadiness: commitReadiness,
  CommitChaincodeDefinition: commit,
  QueryChaincodeDefinition: committedDefinition,
  QueryChaincodeDefinitions: committedDefinitions,
};

function approveForOrganization(argument: Uint8Array, context: ChannelContext): Uint8Array {
  const args = decodeArgument(
    lifecycle.ApproveChaincodeDefinitionForMyOrgArgs,
    'ApproveChaincodeDefinitionForMyOrg',
    argument,
  );
  const proposed = proposedIn(args);
  checkProposed(proposed, context);
  const packageId = args.getSource()?.getLocalPackage()?.getPackageId() ?? '';
  approve(proposed, packageId, placesOf(context));
  return new lifecycle.ApproveChaincodeDefinitionForMyOrgResult().serializeBinary();
}

function approvedDefinition(argument: Uint8Array, context: ChannelContext): Uint8Array {
  const args = decodeArgument(
    lifecycle.QueryApprovedChaincodeDefinitionArgs,
    'QueryApprovedChaincodeDefinition',
    argument,
  );
  const asked = { name: args.getName(), sequence: args.getSequence() };
  const approved = queryApproved(asked, placesOf(context));
  const result = new lifecycle.QueryApprovedChaincodeDefinitionResult();
  fill(result, approved);
  result.setSource(chaincodeSource(approved.packageId || undefined));
  return result.serializeBinary();
}

async function approvedDefinitions(
  _argument: Uint8Array,
  context: ChannelContext,
): Promise<Uint8Array> {
  const result = new lifecycle.QueryApprovedChaincodeDefinitionsResult();
  for (const privateName of await approvedNames(context)) {
    const [, name = '', sequence = ''] = /^(.*)#(\d+)$/.exec(privateName) ?? [];
    const approved = queryApproved({ name, sequence: Number(sequence) }, placesOf(context));
    const item =
      new lifecycle.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition();
    item.setName(name);
    fill(item, approved);
    item.setSource(chaincodeSource(approved.packageId || undefined));
    result.addApprovedChaincodeDefinitions(item);
  }
  return result.serializeBinary();
}

function commitReadiness(argument: Uint8Array, context: ChannelContext): Uint8Array {
  const args = decodeArgument(lifecycle.CheckCommitReadinessArgs, 'CheckCommitReadiness', argument);
  const { publicState } = placesOf(context);
  const readiness = checkReadiness(proposedIn(args), publicState, organizationsOf(context));
  const result = new lifecycle.CheckCommitReadinessResult();
  setApprovals(result, readiness);
  if (context.compat === '2.5') return result.serializeBinary();
  const mismatches = result.getMismatchesMap();
  for (const [mspId, items] of readiness.mismatches) {
    const listed = new lifecycle.CheckCommitReadinessResult.Mismatches();
    listed.setItemsList([...items]);
    mismatches.set(mspId, listed);
  }
  return result.serializeBinary();
}

function commit(argument: Uint8Array, context: ChannelContext): Uint8Array {
  const args = decodeArgument(
    lifecycle.CommitChaincodeDefinitionArgs,
    'CommitChaincodeDefinition',
    argument,
  );
  const proposed = proposedIn(args);
  checkProposed(proposed, context);
  const { publicState } = placesOf(context);
  const organizations = organizationsOf(context);
  commitDefinition(proposed, context.mspId, { publicState, organizations });
  return new lifecycle.CommitChaincodeDefinitionResult().serializeBinary();
}

function committedDefinition(argument: Uint8Array, context: ChannelContext): Uint8Array {
  const args = decodeArgument(
    lifecycle.QueryChaincodeDefinitionArgs,
    'QueryChaincodeDefinition',
    argument,
  );
  const committed = readCommitted(args.getName(), context);
  const result = new lifecycle.QueryChaincodeDefinitionResult();
  fill(result, committed);
  setApprovals(result, approvalsOf(committed, organizationsOf(context)));
  return result.serializeBinary();
}

async function committedDefinitions(
  _argument: Uint8Array,
  context: ChannelContext,
): Promise<Uint8Array> {
  const result = new lifecycle.QueryChaincodeDefinitionsResult();
  const { simulator } = context;
  const rows = simulator.range({ namespace: LIFECYCLE, ...METADATA_RANGE });
  for (const name of await namesIn(rows)) {
    const item = new lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition();
    item.setName(name);
    fill(item, readCommitted(name, context));
    result.addChaincodeDefinitions(item);
  }
  return result.serializeBinary();
}

const METADATA_PREFIX = metadataKey('');
const METADATA_RANGE = { startKey: METADATA_PREFIX, endKey: `${METADATA_PREFIX}\u007f` };

function approvedNames({ simulator, mspId }: ChannelContext): Promise<string[]> {
  const collection = implicitCollection(mspId);
  return namesIn(simulator.privateRange({ namespace: LIFECYCLE, collection, ...METADATA_RANGE }));
}

async function namesIn(rows: {
  next(): Promise<{ readonly key: string } | undefined>;
}): Promise<string[]> {
  const names: string[] = [];
  for (let row = await rows.next(); row; row = await rows.next()) {
    names.push(row.key.slice(METADATA_PREFIX.length));
  }
  return names;
}

function placesOf({
  channel,
  simulator,
  mspId,
  compat,
}: ChannelContext): ApprovalPlaces<WritableFields> & { readonly publicState: WritableFields } {
  return {
    channel: channel.channelId,
    compat,
    publicState: publicFields(simulator),
    own: ownFields(simulator, mspId),
  };
}

function organizationsOf({ channel, simulator }: ChannelContext): OrganizationFields {
  const { organizations } = channel.config;
  return new Map(organizations.map((mspId) => [mspId, opaqueFields(simulator, mspId)]));
}

/** @throws NotDefinedError */
function readCommitted(name: string, { simulator }: ChannelContext): ProposedDefinition {
  const state = publicFields(simulator);
  const place = { area: 'namespaces', name } as const;
  if (!hasStructure(state, place)) throw new NotDefinedError(`namespace ${name} is not defined`);
  return { name, sequence: readSequence(state, name), parameters: readParameters(state, place) };
}

/** @throws Error with Fabric's text */
function checkProposed(proposed: ProposedDefinition, context: ChannelContext): void {
  const { version, collections } = proposed.parameters;
  const mspIds = [...context.channel.config.mspConfigs.keys()];
  const committed = committedCollections(proposed.name, context);
  try {
    checkDefinition({ name: proposed.name, version }, collections, { mspIds, committed });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`error validating chaincode definition: ${reason}`, { cause: error });
  }
}

/** Real peers look for a chaincode of the old lifecycle too, which stays in the read set. */
function committedCollections(
  name: string,
  { simulator }: ChannelContext,
): peer.CollectionConfigPackage | undefined {
  const state = publicFields(simulator);
  const place = { area: 'namespaces', name } as const;
  if (!hasStructure(state, place)) {
    simulator.get('lscc', name);
    return undefined;
  }
  readSequence(state, name);
  return readParameters(state, place).collections;
}

function proposedIn(
  message: Parameters<typeof parametersOf>[0] & { getName(): string; getSequence(): number },
): ProposedDefinition {
  return {
    name: message.getName(),
    sequence: message.getSequence(),
    parameters: parametersOf(message),
  };
}

function setApprovals(
  result: { getApprovalsMap(): { set(key: string, value: boolean): unknown } },
  { approvals }: Readiness,
): void {
  const map = result.getApprovalsMap();
  for (const [mspId, isApproved] of approvals) map.set(mspId, isApproved);
}

/** The setters that all results about a definition share. */
interface DefinitionResult {
  setSequence(value: number): void;
  setVersion(value: string): void;
  setEndorsementPlugin(value: string): void;
  setValidationPlugin(value: string): void;
  setValidationParameter(value: Uint8Array): void;
  setCollections(value: peer.CollectionConfigPackage): void;
  setInitRequired(value: boolean): void;
}

function fill(
  result: DefinitionResult,
  { sequence, parameters }: { sequence: number; parameters: DefinitionParameters },
): void {
  result.setSequence(sequence);
  result.setVersion(parameters.version);
  result.setEndorsementPlugin(parameters.endorsementPlugin);
  result.setValidationPlugin(parameters.validationPlugin);
  result.setValidationParameter(parameters.policyBytes);
  result.setCollections(parameters.collections);
  result.setInitRequired(parameters.initRequired);
}
