import { common, peer } from '@hyperledger/fabric-protos';
import { chaincodeSource, fillDefinition } from './definition';
import type { Definition } from './definition';
import { LifecycleError } from './lifecycle-error';
import { validationCodeName } from './lifecycle-peer';
import type { LifecyclePeer, LifecycleSigner } from './lifecycle-peer';
import { createProposal, createTransaction } from './transaction';
import type { LifecycleProposal } from './transaction';

const { lifecycle } = peer;

/** Who asks which peer. */
export interface LifecycleCaller {
  readonly peer: LifecyclePeer;
  /** An administrator; for queries about the peer one of its own organization. */
  readonly signer: LifecycleSigner;
}

/** A definition with its place in the history of the chaincode. */
export interface SequencedDefinition {
  readonly channel: string;
  readonly definition: Definition;
  readonly sequence: number;
}

/** A package at a peer. */
export interface InstalledChaincode {
  readonly packageId: string;
  readonly label: string;
}

/** A transaction that was handed to the ordering service. */
export interface SubmittedTransaction {
  readonly channel: string;
  readonly txId: string;
  /** For error texts: what the transaction does. */
  readonly what: string;
}

/**
 * Installs a package. @returns its id
 * @throws LifecycleError such as for a package that is installed already
 */
export async function installChaincode(caller: LifecycleCaller, bytes: Buffer): Promise<string> {
  const args = new lifecycle.InstallChaincodeArgs();
  args.setChaincodeInstallPackage(bytes);
  const answer = await call(caller, { name: 'InstallChaincode', args });
  return lifecycle.InstallChaincodeResult.deserializeBinary(answer).getPackageId();
}

/** The packages of a peer. @throws LifecycleError */
export async function queryInstalled(caller: LifecycleCaller): Promise<InstalledChaincode[]> {
  const args = new lifecycle.QueryInstalledChaincodesArgs();
  const answer = await call(caller, { name: 'QueryInstalledChaincodes', args });
  return lifecycle.QueryInstalledChaincodesResult.deserializeBinary(answer)
    .getInstalledChaincodesList()
    .map((one) => ({ packageId: one.getPackageId(), label: one.getLabel() }));
}

/** The bytes of an installed package. @throws LifecycleError */
export async function getInstalledPackage(
  caller: LifecycleCaller,
  packageId: string,
): Promise<Buffer> {
  const args = new lifecycle.GetInstalledChaincodePackageArgs();
  args.setPackageId(packageId);
  const answer = await call(caller, { name: 'GetInstalledChaincodePackage', args });
  const result = lifecycle.GetInstalledChaincodePackageResult.deserializeBinary(answer);
  return Buffer.from(result.getChaincodeInstallPackage_asU8());
}

/** What the peer's organization approved for a sequence; undefined when nothing. */
export async function queryApproved(
  caller: LifecycleCaller,
  asked: { readonly channel: string; readonly name: string; readonly sequence: number },
): Promise<peer.lifecycle.QueryApprovedChaincodeDefinitionResult | undefined> {
  const { channel } = asked;
  const args = new lifecycle.QueryApprovedChaincodeDefinitionArgs();
  args.setName(asked.name);
  args.setSequence(asked.sequence);
  const isAbsent = (error: LifecycleError): boolean =>
    error.message.includes('could not fetch approved chaincode definition');
  const name = 'QueryApprovedChaincodeDefinition';
  const answer = await callUnless(isAbsent, caller, { channel, name, args });
  return answer && lifecycle.QueryApprovedChaincodeDefinitionResult.deserializeBinary(answer);
}

/** The definition that the channel has; undefined when none. */
export async function queryCommitted(
  caller: LifecycleCaller,
  { channel, name }: { readonly channel: string; readonly name: string },
): Promise<peer.lifecycle.QueryChaincodeDefinitionResult | undefined> {
  const args = new lifecycle.QueryChaincodeDefinitionArgs();
  args.setName(name);
  const answer = await callUnless((error) => error.status === 404, caller, {
    channel,
    name: 'QueryChaincodeDefinition',
    args,
  });
  return answer && lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(answer);
}

/** All definitions that the channel has, by name. @throws LifecycleError */
export async function queryDefinitions(
  caller: LifecycleCaller,
  channel: string,
): Promise<peer.lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition[]> {
  const args = new lifecycle.QueryChaincodeDefinitionsArgs();
  const answer = await call(caller, { channel, name: 'QueryChaincodeDefinitions', args });
  const result = lifecycle.QueryChaincodeDefinitionsResult.deserializeBinary(answer);
  return result.getChaincodeDefinitionsList();
}

/** Number of blocks that the peer has of the channel. @throws LifecycleError */
export async function queryHeight(caller: LifecycleCaller, channel: string): Promise<number> {
  const args = { serializeBinary: () => Buffer.from(channel) };
  const answer = await call(caller, { channel, chaincode: 'qscc', name: 'GetChainInfo', args });
  return common.BlockchainInfo.deserializeBinary(answer).getHeight();
}

/** Which organizations of the channel, by MSP id, have approved a definition. */
export async function checkCommitReadiness(
  caller: LifecycleCaller,
  { channel, definition, sequence }: SequencedDefinition,
): Promise<ReadonlyMap<string, boolean>> {
  const args = new lifecycle.CheckCommitReadinessArgs();
  args.setName(definition.name);
  fillDefinition(args, definition, sequence);
  const answer = await call(caller, { channel, name: 'CheckCommitReadiness', args });
  const result = lifecycle.CheckCommitReadinessResult.deserializeBinary(answer);
  return new Map(result.getApprovalsMap().toObject());
}

/**
 * Approves a definition for the caller's organization; ordered, perhaps not committed yet.
 * @param packageId absent = the organization's peers will not run the chaincode
 * @throws LifecycleError
 */
export async function approveDefinition(
  caller: LifecycleCaller,
  { channel, definition, sequence }: SequencedDefinition,
  packageId: string | undefined,
): Promise<SubmittedTransaction> {
  const args = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
  args.setName(definition.name);
  fillDefinition(args, definition, sequence);
  args.setSource(chaincodeSource(packageId));
  const name = 'ApproveChaincodeDefinitionForMyOrg';
  const argument = args.serializeBinary();
  const proposal = createProposal({ channel, name, argument }, caller.signer, timeOf(caller));
  const what = `the approval of chaincode ${definition.name} by ${caller.signer.mspId}`;
  return submit({ proposal, channel, what, callers: [caller] });
}

/**
 * Commits a definition with an endorsement of each caller's peer; the first caller submits it.
 * Ordered, perhaps not committed yet.
 * @throws LifecycleError
 */
export async function commitDefinition(
  callers: readonly LifecycleCaller[],
  { channel, definition, sequence }: SequencedDefinition,
): Promise<SubmittedTransaction> {
  const [first] = callers;
  if (!first) throw new LifecycleError('a definition needs the endorsement of a peer');
  const args = new lifecycle.CommitChaincodeDefinitionArgs();
  args.setName(definition.name);
  fillDefinition(args, definition, sequence);
  const name = 'CommitChaincodeDefinition';
  const argument = args.serializeBinary();
  const proposal = createProposal({ channel, name, argument }, first.signer, timeOf(first));
  const what = `the definition of chaincode ${definition.name}`;
  return submit({ proposal, channel, what, callers });
}

/**
 * Waits until each caller's peer has committed a transaction.
 * @throws LifecycleError when it is invalid
 */
export async function awaitCommitted(
  callers: readonly LifecycleCaller[],
  { channel, txId, what }: SubmittedTransaction,
): Promise<void> {
  const codes = await Promise.all(
    callers.map((caller) => caller.peer.awaitCommit({ channel, txId, signer: caller.signer })),
  );
  const failed = codes.find((code) => code !== peer.TxValidationCode.VALID);
  if (failed === undefined) return;
  throw new LifecycleError(`${what} is invalid: ${validationCodeName(failed)}`);
}

async function submit(parts: {
  readonly proposal: LifecycleProposal;
  readonly channel: string;
  readonly what: string;
  /** Their peers endorse; the first one signs. At least one. */
  readonly callers: readonly LifecycleCaller[];
}): Promise<SubmittedTransaction> {
  const { proposal, channel, what, callers } = parts;
  const { txId } = proposal;
  const responses = await Promise.all(callers.map((one) => propose(one.peer, proposal)));
  const [first, ...others] = responses.map((one) => one.getPayload_asU8());
  if (first && others.some((one) => Buffer.compare(one, first) !== 0)) {
    throw new LifecycleError(`the endorsements of ${what} differ from each other`);
  }
  const [submitter] = callers;
  if (!submitter) throw new LifecycleError(`nobody submits ${what}`);
  const envelope = createTransaction(proposal, responses, submitter.signer);
  await submitter.peer.submit({ channel, txId, envelope });
  return { channel, txId, what };
}

interface Call {
  /** Absent for functions that concern the peer alone. */
  readonly channel?: string;
  /** Default: `_lifecycle`. */
  readonly chaincode?: string;
  readonly name: string;
  readonly args: { serializeBinary(): Uint8Array };
}

function timeOf({ peer: asked }: LifecycleCaller): Date {
  return asked.now?.() ?? new Date();
}

async function call(
  caller: LifecycleCaller,
  { args, channel = '', ...called }: Call,
): Promise<Uint8Array> {
  const argument = args.serializeBinary();
  const proposal = createProposal({ ...called, channel, argument }, caller.signer, timeOf(caller));
  const answer = await propose(caller.peer, proposal);
  return answer.getResponse()?.getPayload_asU8() ?? new Uint8Array();
}

async function callUnless(
  isAbsent: (error: LifecycleError) => boolean,
  caller: LifecycleCaller,
  called: Call,
): Promise<Uint8Array | undefined> {
  try {
    return await call(caller, called);
  } catch (error) {
    if (error instanceof LifecycleError && isAbsent(error)) return undefined;
    throw error;
  }
}

/** @throws LifecycleError when the answer's status is not 200 */
async function propose(
  asked: LifecyclePeer,
  { signed }: LifecycleProposal,
): Promise<peer.ProposalResponse> {
  const answer = await asked.processProposal(signed);
  const status = answer.getResponse()?.getStatus() ?? 0;
  if (status === 200) return answer;
  const reason = answer.getResponse()?.getMessage() ?? '';
  throw new LifecycleError(`the peer ${asked.name} refused: ${reason}`, { status });
}
