import { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../../topology';
import { DEFAULT_ENDORSEMENT_POLICY, applicationPolicyOf } from '../../../../lifecycle/definition';
import {
  definitionStructure,
  hasStructure,
  mismatchesOf,
  packageStructure,
  parametersStructure,
  readPackageId,
  readParameters,
  readSequence,
  writeStructure,
} from './structures';
import type {
  DefinitionParameters,
  OpaqueFields,
  ReadableFields,
  WritableFields,
} from './structures';

/** A definition that a client proposes. */
export interface ProposedDefinition {
  readonly name: string;
  readonly sequence: number;
  readonly parameters: DefinitionParameters;
}

/** What an organization approved. */
export interface ApprovedDefinition {
  readonly sequence: number;
  readonly parameters: DefinitionParameters;
  /** Empty = the organization's peers do not run the chaincode. */
  readonly packageId: string;
}

/** What the organizations of a channel say to a definition. */
export interface Readiness {
  readonly approvals: ReadonlyMap<string, boolean>;
  /** For organizations that approved another definition, or none: the parts that differ. */
  readonly mismatches: ReadonlyMap<string, readonly string[]>;
}

/** The collections of all organizations of a channel, by MSP id. */
export type OrganizationFields = ReadonlyMap<string, OpaqueFields>;

/** The state of the channel and the collection of the peer's own organization. */
export interface ApprovalPlaces<Own extends ReadableFields = ReadableFields> {
  readonly channel: string;
  readonly compat: Compat;
  readonly publicState: ReadableFields;
  readonly own: Own;
}

/** Name of a definition in the collection of an organization. */
export function approvalName({ name, sequence }: { name: string; sequence: number }): string {
  return `${name}#${String(sequence)}`;
}

/** Fills in what a client left out (lifecycle.go:SetChaincodeDefinitionDefaults). */
export function withDefaults(parameters: DefinitionParameters): DefinitionParameters {
  const { policyBytes } = parameters;
  return {
    ...parameters,
    endorsementPlugin: parameters.endorsementPlugin || 'escc',
    validationPlugin: parameters.validationPlugin || 'vscc',
    policyBytes:
      policyBytes.length > 0
        ? policyBytes
        : applicationPolicyOf(DEFAULT_ENDORSEMENT_POLICY).serializeBinary(),
  };
}

/**
 * Approves a definition for the peer's organization.
 * @throws Error with Fabric's text (lifecycle.go:ApproveChaincodeDefinitionForOrg)
 */
export function approve(
  proposed: ProposedDefinition,
  packageId: string,
  places: ApprovalPlaces<WritableFields>,
): void {
  const { name, sequence } = proposed;
  const { publicState, own } = places;
  const current = readSequence(publicState, name);
  checkSequence(sequence, current);
  const parameters = withDefaults(proposed.parameters);
  if (sequence === current) checkSameAsCommitted({ ...proposed, parameters }, publicState);
  const privateName = approvalName(proposed);
  if (sequence === current + 1 || places.compat === '3.1') {
    refuseRepetition({ ...proposed, parameters }, packageId, { own, current });
  }
  const approved = parametersStructure(parameters);
  writeStructure(own, { area: 'namespaces', name: privateName }, approved);
  const source = packageStructure(packageId);
  writeStructure(own, { area: 'chaincode-sources', name: privateName }, source);
}

function checkSequence(requested: number, current: number): void {
  if (requested === 0 && current === 0) {
    throw new Error('requested sequence is 0, but first definable sequence number is 1');
  }
  if (requested < current) {
    throw new Error(
      `currently defined sequence ${String(current)} is larger than requested sequence ` +
        String(requested),
    );
  }
  if (requested > current + 1) {
    throw new Error(
      `requested sequence ${String(requested)} is larger than the next available sequence ` +
        `number ${String(current + 1)}`,
    );
  }
}

function checkSameAsCommitted(proposed: ProposedDefinition, state: ReadableFields): void {
  const { name, sequence } = proposed;
  const place = { area: 'namespaces', name } as const;
  if (!hasStructure(state, place)) {
    throw new Error(
      `missing metadata for currently committed sequence number (${String(sequence)})`,
    );
  }
  const difference = differenceOf(readParameters(state, place), proposed.parameters);
  if (difference === undefined) return;
  throw new Error(
    `attempted to redefine the current committed sequence (${String(sequence)}) for namespace ` +
      `${name} with different parameters: ${difference}`,
  );
}

/** An approval that changes nothing would give an empty write set. */
function refuseRepetition(
  proposed: ProposedDefinition,
  packageId: string,
  { own, current }: { own: ReadableFields; current: number },
): void {
  const { name, sequence, parameters } = proposed;
  const place = { area: 'namespaces', name: approvalName(proposed) } as const;
  if (!hasStructure(own, place)) return;
  if (differenceOf(readParameters(own, place), parameters) !== undefined) return;
  if (readPackageId(own, place.name) !== packageId) return;
  throw new Error(
    sequence === current
      ? `attempted to redefine the current committed sequence (${String(current)}) for ` +
          `namespace ${name}`
      : `attempted to redefine uncommitted sequence (${String(sequence)}) for namespace ${name} ` +
          'with unchanged content',
  );
}

/** The first difference, in Fabric's words (lifecycle.go:ChaincodeParameters.Equal). */
function differenceOf(
  expected: DefinitionParameters,
  passed: DefinitionParameters,
): string | undefined {
  const texts: readonly (readonly [string, string, string])[] = [
    ['Version', expected.version, passed.version],
    ['EndorsementPlugin', expected.endorsementPlugin, passed.endorsementPlugin],
    ['InitRequired', String(expected.initRequired), String(passed.initRequired)],
    ['ValidationPlugin', expected.validationPlugin, passed.validationPlugin],
    ['ValidationParameter', hexOf(expected.policyBytes), hexOf(passed.policyBytes)],
  ];
  for (const [field, one, other] of texts) {
    if (one === other) continue;
    return `expected ${field} '${one}' does not match passed ${field} '${other}'`;
  }
  const before = expected.collections.serializeBinary();
  const after = passed.collections.serializeBinary();
  return Buffer.compare(before, after) === 0 ? undefined : 'Collections do not match';
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/**
 * What the peer's organization approved.
 * @param asked.sequence 0 = the next sequence if it is approved, else the current one
 * @throws Error with Fabric's text (lifecycle.go:QueryApprovedChaincodeDefinition)
 */
export function queryApproved(
  asked: { readonly name: string; readonly sequence: number },
  places: ApprovalPlaces,
): ApprovedDefinition {
  const { name } = asked;
  const sequence = asked.sequence === 0 ? newestSequence(name, places) : asked.sequence;
  const { own } = places;
  const place = { area: 'namespaces', name: approvalName({ name, sequence }) } as const;
  const told = places.compat === '2.5' ? asked.sequence : sequence;
  const absent = (): Error =>
    new Error(
      `could not fetch approved chaincode definition (name: '${name}', ` +
        `sequence: '${String(told)}') on channel '${places.channel}'`,
    );
  if (!hasStructure(own, place)) throw absent();
  const parameters = readParameters(own, place);
  const packageId = readPackageId(own, place.name);
  if (packageId === undefined) throw absent();
  return { sequence, parameters, packageId };
}

function newestSequence(name: string, { publicState, own }: ApprovalPlaces): number {
  const current = readSequence(publicState, name);
  const next = { area: 'namespaces', name: approvalName({ name, sequence: current + 1 }) } as const;
  return hasStructure(own, next) ? current + 1 : current;
}

/**
 * Who has approved the next definition.
 * @throws Error with Fabric's text (lifecycle.go:CheckCommitReadiness)
 */
export function checkReadiness(
  proposed: ProposedDefinition,
  publicState: ReadableFields,
  organizations: OrganizationFields,
): Readiness {
  const { name, sequence } = proposed;
  const next = readSequence(publicState, name) + 1;
  if (sequence !== next) {
    throw new Error(
      `requested sequence is ${String(sequence)}, but new definition must be sequence ` +
        String(next),
    );
  }
  const parameters = withDefaults(proposed.parameters);
  return approvalsOf({ ...proposed, parameters }, organizations);
}

/** Which organizations have approved exactly this definition. */
export function approvalsOf(
  { name, sequence, parameters }: ProposedDefinition,
  organizations: OrganizationFields,
): Readiness {
  const place = { area: 'namespaces', name: approvalName({ name, sequence }) } as const;
  const structure = parametersStructure(parameters);
  const differences = [...organizations].map(
    ([mspId, fields]) => [mspId, mismatchesOf(fields, place, structure)] as const,
  );
  return {
    approvals: new Map(differences.map(([mspId, parts]) => [mspId, parts.length === 0])),
    mismatches: new Map(differences.filter(([, parts]) => parts.length > 0)),
  };
}

/**
 * Writes a definition into the state of the channel.
 * @param mspId the peer's own organization, which must have approved it
 * @throws Error with Fabric's text (lifecycle.go:CommitChaincodeDefinition and scc.go)
 */
export function commitDefinition(
  proposed: ProposedDefinition,
  mspId: string,
  places: { readonly publicState: WritableFields; readonly organizations: OrganizationFields },
): void {
  const { publicState, organizations } = places;
  const { approvals } = checkReadiness(proposed, publicState, organizations);
  const definition = definitionStructure(withDefaults(proposed.parameters), proposed.sequence);
  writeStructure(publicState, { area: 'namespaces', name: proposed.name }, definition);
  if (approvals.get(mspId) === true) return;
  throw new Error(`chaincode definition not agreed to by this org (${mspId})`);
}

/** The parameters that a message about a definition holds. */
export function parametersOf(message: {
  getVersion(): string;
  getEndorsementPlugin(): string;
  getValidationPlugin(): string;
  getValidationParameter_asU8(): Uint8Array;
  getCollections(): peer.CollectionConfigPackage | undefined;
  getInitRequired(): boolean;
}): DefinitionParameters {
  return {
    version: message.getVersion(),
    endorsementPlugin: message.getEndorsementPlugin(),
    validationPlugin: message.getValidationPlugin(),
    policyBytes: message.getValidationParameter_asU8(),
    collections: message.getCollections() ?? new peer.CollectionConfigPackage(),
    initRequired: message.getInitRequired(),
  };
}
