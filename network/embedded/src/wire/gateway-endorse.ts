import { status } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import { endorsementLayouts } from '../endorse/endorsement-plan';
import type { EndorsementNeeds } from '../endorse/interest-policies';
import { textOf } from '../../../machine/text-of';
import { EndorsementCollector } from './endorsement-collector';
import { askPeer } from './endorsing-peer';
import type { EndorsingPeer } from './endorsing-peer';
import { noMetadataText } from './gateway-context';
import type { GatewayContext, GatewayNode } from './gateway-context';
import { prepareTransaction, readGatewayProposal } from './gateway-proposal';
import type { GatewayProposal } from './gateway-proposal';
import { RpcError } from './rpc-error';
import type { RpcErrorDetail } from './rpc-error';

/**
 * Collects the endorsements that a proposal's policies ask for and assembles the transaction.
 * @throws RpcError
 * Source: internal/pkg/gateway/endorse.go
 */
export async function endorse(
  request: gateway.EndorseRequest,
  node: GatewayNode,
): Promise<gateway.EndorseResponse> {
  const proposal = readProposal(request);
  const named = request.getEndorsingOrganizationsList();
  const context = node.channel(proposal.channelId);
  if (!context) throw unknownChannel(proposal, named);
  const collector =
    named.length > 0
      ? collectFromOrganizations(named, proposal, context)
      : await collectByPolicy(proposal, context);
  const collected = await collector.collect(proposal.signed);
  const answer = new gateway.EndorseResponse();
  answer.setPreparedTransaction(prepareTransaction({ proposal, ...collected }));
  return answer;
}

function readProposal(request: gateway.EndorseRequest): GatewayProposal {
  try {
    return readGatewayProposal(
      request.getProposedTransaction(),
      'the proposed transaction must contain a signed proposal',
    );
  } catch (error) {
    throw new RpcError(status.INVALID_ARGUMENT, textOf(error));
  }
}

/** Nobody is known to have the chaincode on a channel that the peer has not joined. */
function unknownChannel(proposal: GatewayProposal, named: readonly string[]): RpcError {
  if (named.length > 0) return noEndorsers([...new Set(named)]);
  if (proposal.hasTransientData) return noLocalEndorser();
  return noPlan(noMetadataText(proposal.chaincodeName, proposal.channelId));
}

function noEndorsers(mspIds: readonly string[]): RpcError {
  return new RpcError(
    status.UNAVAILABLE,
    `failed to find any endorsing peers for org(s): ${mspIds.join(', ')}`,
  );
}

function noLocalEndorser(): RpcError {
  return new RpcError(
    status.FAILED_PRECONDITION,
    "no endorsers found in the gateway's organization; " +
      'retry specifying endorsing organization(s) to protect transient data',
  );
}

function ablePeers(proposal: GatewayProposal, context: GatewayContext): readonly EndorsingPeer[] {
  return context.peers.filter((one) => one.hasChaincode(proposal.chaincodeName));
}

function collectFromOrganizations(
  mspIds: readonly string[],
  proposal: GatewayProposal,
  context: GatewayContext,
): EndorsementCollector {
  const able = ablePeers(proposal, context);
  const wanted = [...new Set(mspIds)];
  const chosen = able.filter((one) => wanted.includes(one.mspId));
  const missing = wanted.filter((mspId) => !chosen.some((one) => one.mspId === mspId));
  if (missing.length > 0) throw noEndorsers(missing);
  return new EndorsementCollector([chosen], context.local);
}

/** The first endorsement shows which policies count; the plan for the others follows from it. */
async function collectByPolicy(
  proposal: GatewayProposal,
  context: GatewayContext,
): Promise<EndorsementCollector> {
  const { first, response } = await firstEndorsement(proposal, context);
  const given = response.getInterest();
  const interest =
    given && given.getChaincodesList().length > 0 ? given : defaultInterest(proposal);
  const parts = { interest, proposal, context, preferred: first };
  const layouts = proposal.hasTransientData ? protectedPlan(parts) : plan(parts);
  const collector = new EndorsementCollector(layouts, context.local);
  collector.add(first, response);
  return collector;
}

/**
 * As `plan`, with members of the written collections only: the transient data that every endorser
 * gets are probably what is written there.
 */
function protectedPlan(parts: PlanParts): Layouts {
  const cautious = parts.interest.cloneMessage();
  const guarded = cautious.getChaincodesList().filter((call) => call.getNoPrivateReads());
  for (const call of guarded) call.setNoPrivateReads(false);
  try {
    return plan({ ...parts, interest: cautious });
  } catch (error) {
    if (guarded.length === 0 || !canPlan(parts)) throw error;
    const collections = guarded.flatMap((call) => call.getCollectionNamesList()).join(' ');
    throw new RpcError(
      status.FAILED_PRECONDITION,
      'requires endorsement from organisation(s) that are not in the distribution policy of the ' +
        `private data collection(s): [${collections}]; retry specifying trusted endorsing ` +
        'organizations to protect transient data',
    );
  }
}

function canPlan(parts: PlanParts): boolean {
  try {
    return plan(parts).length > 0;
  } catch (error) {
    if (error instanceof RpcError) return false;
    throw error;
  }
}

async function firstEndorsement(
  proposal: GatewayProposal,
  context: GatewayContext,
): Promise<{ first: EndorsingPeer; response: peer.ProposalResponse }> {
  const details: RpcErrorDetail[] = [];
  for (const endorser of firstCandidates(proposal, context)) {
    const outcome = await askPeer(endorser, proposal.signed, endorser === context.local);
    if (outcome.ok) return { first: endorser, response: outcome.response };
    details.push(outcome.detail);
  }
  const text = 'failed to endorse transaction, see attached details for more info';
  throw new RpcError(status.ABORTED, text, details);
}

/** The gateway's own peer; only when that lacks the chaincode, the peers of a plan. */
function firstCandidates(
  proposal: GatewayProposal,
  context: GatewayContext,
): readonly EndorsingPeer[] {
  if (ablePeers(proposal, context).includes(context.local)) return [context.local];
  if (proposal.hasTransientData) throw noLocalEndorser();
  const layouts = plan({ interest: defaultInterest(proposal), proposal, context });
  return layouts[0] ?? [];
}

function defaultInterest(proposal: GatewayProposal): peer.ChaincodeInterest {
  const call = new peer.ChaincodeCall();
  call.setName(proposal.chaincodeName);
  const interest = new peer.ChaincodeInterest();
  interest.addChaincodes(call);
  return interest;
}

interface PlanParts {
  readonly interest: peer.ChaincodeInterest;
  readonly proposal: GatewayProposal;
  readonly context: GatewayContext;
  readonly preferred?: EndorsingPeer;
}

type Layouts = readonly (readonly EndorsingPeer[])[];

function plan(parts: PlanParts): Layouts {
  const { proposal } = parts;
  const needs = needsOf(parts);
  if (!needs) throw noPlan(noMetadataText(proposal.chaincodeName, proposal.channelId));
  const layouts = layoutsFor(needs, parts);
  if (layouts.length === 0) {
    throw noPlan('no peer combination can satisfy the endorsement policy');
  }
  return layouts;
}

function needsOf({ interest, context }: PlanParts): EndorsementNeeds | undefined {
  try {
    return context.needsOf(interest);
  } catch (error) {
    throw noPlan(textOf(error));
  }
}

/** What was planned for these members. */
interface KeptPlan {
  readonly members: readonly EndorsingPeer[];
  readonly layouts: Layouts;
}

/** Plans by needs and preferred peer: nearly every transaction has the same. */
const plans = new WeakMap<EndorsementNeeds, Map<EndorsingPeer | undefined, KeptPlan>>();

function layoutsFor(needs: EndorsementNeeds, parts: PlanParts): Layouts {
  const { interest, context, preferred } = parts;
  const known = plans.get(needs) ?? new Map<EndorsingPeer | undefined, KeptPlan>();
  plans.set(needs, known);
  const names = interest.getChaincodesList().map((call) => call.getName());
  const able = context.peers.filter((one) => names.every((name) => one.hasChaincode(name)));
  const kept = known.get(preferred);
  if (kept && isSameList(kept.members, able)) return kept.layouts;
  const members = able.filter(({ identity }) => needs.mayEndorse?.(identity) ?? true);
  const layouts = endorsementLayouts({ members, policies: needs.policies, preferred });
  known.set(preferred, { members: able, layouts });
  return layouts;
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function noPlan(reason: string): RpcError {
  return new RpcError(
    status.FAILED_PRECONDITION,
    `no combination of peers can be derived which satisfy the endorsement policy: ${reason}`,
  );
}
