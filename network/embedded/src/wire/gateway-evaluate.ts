import { status } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import { textOf } from '../../../machine/text-of';
import { askPeer } from './endorsing-peer';
import type { EndorsingPeer } from './endorsing-peer';
import { noChannelConfigText } from './gateway-context';
import type { GatewayContext, GatewayNode } from './gateway-context';
import { checkForEvaluate, readGatewayProposal } from './gateway-proposal';
import type { GatewayProposal } from './gateway-proposal';
import { RpcError } from './rpc-error';
import type { RpcErrorDetail } from './rpc-error';

/**
 * Runs a proposal on one peer and gives its result.
 * @throws RpcError
 * Source: internal/pkg/gateway/evaluate.go
 */
export async function evaluate(
  request: gateway.EvaluateRequest,
  node: GatewayNode,
): Promise<gateway.EvaluateResponse> {
  const proposal = readProposal(request);
  const context = node.channel(proposal.channelId);
  if (!context) {
    throw new RpcError(status.UNAVAILABLE, noChannelConfigText(proposal.channelId));
  }
  const details: RpcErrorDetail[] = [];
  let code: status = status.ABORTED;
  for (const endorser of evaluatorsOf(proposal, request, context)) {
    const outcome = await askPeer(endorser, proposal.signed, endorser === context.local);
    if (outcome.ok) return answerOf(outcome.response);
    details.push(outcome.detail);
    code = outcome.code;
    if (!outcome.retry) {
      const text = `evaluate call to endorser returned error: ${outcome.message}`;
      throw new RpcError(code, text, details);
    }
  }
  const text = 'failed to evaluate transaction, see attached details for more info';
  throw new RpcError(code, text, details);
}

function readProposal(request: gateway.EvaluateRequest): GatewayProposal {
  try {
    const signed = request.getProposedTransaction();
    const proposal = readGatewayProposal(signed, 'a signed proposal is required');
    checkForEvaluate(proposal);
    return proposal;
  } catch (error) {
    throw new RpcError(
      status.INVALID_ARGUMENT,
      `failed to unpack transaction proposal: ${textOf(error)}`,
    );
  }
}

/** The peers to try in order: the gateway's own, then the others with the longest ledger first. */
function evaluatorsOf(
  proposal: GatewayProposal,
  request: gateway.EvaluateRequest,
  context: GatewayContext,
): readonly EndorsingPeer[] {
  const named = request.getTargetOrganizationsList();
  // Transient data goes to no other organization unless the client says so.
  const isProtected = proposal.hasTransientData && named.length === 0;
  const targets = isProtected ? [context.local.mspId] : named;
  const able = context.peers
    .filter((one) => targets.length === 0 || targets.includes(one.mspId))
    .filter((one) => one.hasChaincode(proposal.chaincodeName));
  if (able.length > 0) {
    const others = able.filter((one) => one !== context.local);
    others.sort((a, b) => b.height - a.height);
    return able.includes(context.local) ? [context.local, ...others] : others;
  }
  const text =
    `no peers available to evaluate chaincode ${proposal.chaincodeName} ` +
    `in channel ${proposal.channelId}`;
  const advice =
    "no endorsers found in the gateway's organization; " +
    'retry specifying target organization(s) to protect transient data: ';
  throw new RpcError(status.FAILED_PRECONDITION, isProtected ? advice + text : text);
}

function answerOf(response: peer.ProposalResponse): gateway.EvaluateResponse {
  const answer = new gateway.EvaluateResponse();
  answer.setResult(response.getResponse());
  return answer;
}
