import type { ChaincodePackage } from './chaincode-package';
import { isDefinition } from './definition';
import type { Definition } from './definition';
import {
  approveDefinition,
  awaitCommitted,
  checkCommitReadiness,
  commitDefinition,
  installChaincode,
  queryApproved,
  queryCommitted,
  queryInstalled,
} from './lifecycle-calls';
import type { LifecycleCaller, SequencedDefinition, SubmittedTransaction } from './lifecycle-calls';
import { LifecycleError } from './lifecycle-error';
import type { LifecyclePeer, LifecycleSigner } from './lifecycle-peer';

/** An organization that takes part in a deployment. */
export interface DeployingOrganization {
  /** One of its administrators. */
  readonly admin: LifecycleSigner;
  /** All its peers on the channel, at least one; the first one endorses for the organization. */
  readonly peers: readonly LifecyclePeer[];
  /** Absent = it approves the definition, but its peers do not run the chaincode. */
  readonly package?: ChaincodePackage;
}

/** A chaincode that is to run on a channel. */
export interface Deployment {
  readonly channel: string;
  readonly definition: Definition;
  /** Default: the current one if the definition is the same, else the next. */
  readonly sequence?: number;
  /** Enough for the channel's `LifecycleEndorsement` policy, by default a majority. */
  readonly organizations: readonly DeployingOrganization[];
  /** Hears what is done, in sentences. */
  readonly progress?: (text: string) => void;
}

/** What a deployment came to. */
export interface DeployedChaincode {
  readonly sequence: number;
  /** False where the channel had this definition already. */
  readonly isNew: boolean;
  /** Package ids by MSP id. */
  readonly packageIds: ReadonlyMap<string, string>;
}

/**
 * Brings a chaincode onto a channel, or a new version or package of it: installs the packages where
 * they are missing, approves for each organization that has not, commits with endorsements of all,
 * and waits until every peer has it. A second run with the same arguments changes nothing.
 * @throws LifecycleError, PolicySyntaxError
 */
export async function deployChaincode(deployment: Deployment): Promise<DeployedChaincode> {
  const { organizations, channel, definition } = deployment;
  const callers = organizations.map(endorserOf);
  const [first] = callers;
  if (!first) throw new LifecycleError('a deployment needs an organization');
  await Promise.all(organizations.map((one) => install(one, deployment)));
  const committed = await queryCommitted(first, { channel, name: definition.name });
  const current = committed && {
    sequence: committed.getSequence(),
    isSame: isDefinition(committed, definition),
  };
  const sequence = sequenceOf(deployment, current);
  const isNew = sequence !== current?.sequence;
  const wanted = { channel, definition, sequence };
  await approveWhereNeeded(deployment, wanted);
  if (isNew) await commit(deployment, wanted);
  const packageIds = organizations.flatMap(({ admin, package: own }) =>
    own ? [[admin.mspId, own.id] as const] : [],
  );
  return { sequence, isNew, packageIds: new Map(packageIds) };
}

function endorserOf({ admin, peers }: DeployingOrganization): LifecycleCaller {
  const [peer] = peers;
  if (!peer) throw new LifecycleError(`the organization ${admin.mspId} has no peer`);
  return { peer, signer: admin };
}

function everyPeer({ organizations }: Deployment): readonly LifecycleCaller[] {
  return organizations.flatMap(({ admin, peers }) =>
    peers.map((peer) => ({ peer, signer: admin })),
  );
}

async function install(organization: DeployingOrganization, deployment: Deployment): Promise<void> {
  const { admin: signer, package: own, peers } = organization;
  if (!own) return;
  await Promise.all(
    peers.map(async (peer) => {
      const installed = await queryInstalled({ peer, signer });
      if (installed.some(({ packageId }) => packageId === own.id)) return;
      await installChaincode({ peer, signer }, own.bytes);
      deployment.progress?.(`${own.id} is installed at ${peer.name}`);
    }),
  );
}

interface CurrentDefinition {
  readonly sequence: number;
  readonly isSame: boolean;
}

/** What the channel has when it has nothing: no definition is like it. */
const NOTHING: CurrentDefinition = { sequence: 0, isSame: false };

function sequenceOf(
  { definition, sequence: asked }: Deployment,
  current: CurrentDefinition = NOTHING,
): number {
  const next = current.sequence + 1;
  if (asked === undefined) return current.isSame ? current.sequence : next;
  if (asked === next || (asked === current.sequence && current.isSame)) return asked;
  const fault =
    asked === current.sequence
      ? `has another definition at sequence ${String(asked)}`
      : `cannot take the sequence ${String(asked)}`;
  throw new LifecycleError(
    `chaincode ${definition.name} ${fault}; the next sequence is ${String(next)}`,
  );
}

async function approveWhereNeeded(
  deployment: Deployment,
  wanted: SequencedDefinition,
): Promise<void> {
  const submitted = await Promise.all(
    deployment.organizations.map((one) => approveUnlessDone(one, wanted)),
  );
  const pending = submitted.filter((one): one is SubmittedTransaction => one !== undefined);
  // Every peer must have all approvals, or the endorsements of the commit differ.
  await Promise.all(pending.map((one) => awaitCommitted(everyPeer(deployment), one)));
  for (const { what } of pending) deployment.progress?.(`${what} is committed`);
}

async function approveUnlessDone(
  organization: DeployingOrganization,
  wanted: SequencedDefinition,
): Promise<SubmittedTransaction | undefined> {
  const caller = endorserOf(organization);
  const packageId = organization.package?.id;
  const { channel, sequence, definition } = wanted;
  const approved = await queryApproved(caller, { channel, name: definition.name, sequence });
  const approvedPackage = approved?.getSource()?.getLocalPackage()?.getPackageId();
  if (approved && isDefinition(approved, definition) && approvedPackage === packageId) {
    return undefined;
  }
  return approveDefinition(caller, wanted, packageId);
}

async function commit(deployment: Deployment, wanted: SequencedDefinition): Promise<void> {
  const callers = deployment.organizations.map(endorserOf);
  const [first] = callers;
  if (!first) return;
  const readiness = await checkCommitReadiness(first, wanted);
  const missing = callers.filter(({ signer }) => readiness.get(signer.mspId) !== true);
  if (missing.length > 0) {
    const names = missing.map(({ signer }) => signer.mspId).join(', ');
    throw new LifecycleError(
      `the channel does not know the approval of chaincode ${wanted.definition.name} by ${names}`,
    );
  }
  const submitted = await commitDefinition(callers, wanted);
  await awaitCommitted(everyPeer(deployment), submitted);
  deployment.progress?.(`${submitted.what} is committed with sequence ${String(wanted.sequence)}`);
}
