import { status } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import type { PlanMember } from '../endorse/endorsement-plan';
import { ProposalFilterError } from '../endorse/proposal-filters';
import { textOf } from '../../../machine/text-of';
import type { CallSlots } from './concurrency-limits';
import type { RpcErrorDetail } from './rpc-error';

/** A peer as a gateway sees it: somebody to send proposals to. */
export interface EndorsingPeer extends PlanMember {
  /** `host:port`, for error details. */
  readonly address: string;
  /** Number of blocks of its ledger. */
  readonly height: number;
  /** Whether it can run this chaincode. */
  hasChaincode(name: string): boolean;
  /** The calls of its endorser service; its own gateway does without. */
  readonly endorserSlots: CallSlots;
  /** Answers a proposal; refusals reject with Fabric's text. */
  processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse>;
  /** Whether its own gateway's calls pass the filters too, as from 3.1 on. */
  readonly filtersLocalCalls: boolean;
  /** Refuses what must not reach the endorser. @throws ProposalFilterError with Fabric's text */
  checkFilters(signed: peer.SignedProposal): void;
}

/** What came of asking one peer. */
export type EndorsingOutcome =
  | { readonly ok: true; readonly response: peer.ProposalResponse }
  | {
      readonly ok: false;
      readonly code: status;
      readonly message: string;
      /** Whether another peer may do better. */
      readonly retry: boolean;
      readonly detail: RpcErrorDetail;
    };

type Failure = (code: status, message: string, retry: boolean) => EndorsingOutcome;

/**
 * Asks a peer and sorts its answer. The peer that runs the gateway is called without a network in
 * between, so its refusals look different; in 2.5 its filters are not passed either.
 * Source: internal/pkg/gateway/apiutils.go:responseStatus
 */
export async function askPeer(
  endorser: EndorsingPeer,
  signed: peer.SignedProposal,
  isLocal: boolean,
): Promise<EndorsingOutcome> {
  const fail: Failure = (code, message, retry) => {
    const detail = { address: endorser.address, mspId: endorser.mspId, message };
    return { ok: false, code, message, retry, detail };
  };
  try {
    const answer = (): Promise<peer.ProposalResponse> => {
      if (!isLocal || endorser.filtersLocalCalls) endorser.checkFilters(signed);
      return endorser.processProposal(signed);
    };
    return sorted(await (isLocal ? answer() : endorser.endorserSlots.during(answer)), fail);
  } catch (error) {
    // A filter answers without a proposal response, which a gateway takes for an unavailable peer.
    if (isLocal && error instanceof ProposalFilterError) {
      return fail(status.UNAVAILABLE, error.message, true);
    }
    if (isLocal) return fail(status.FAILED_PRECONDITION, textOf(error), false);
    const message = `rpc error: code = Unknown desc = ${textOf(error)}`;
    return fail(status.UNAVAILABLE, message, true);
  }
}

function sorted(response: peer.ProposalResponse, fail: Failure): EndorsingOutcome {
  const result = response.getResponse() ?? new peer.Response();
  const chaincodeStatus = result.getStatus();
  if (chaincodeStatus >= 200 && chaincodeStatus < 400) return { ok: true, response };
  if (chaincodeStatus === 500 && response.getPayload_asU8().length === 0) {
    return fail(status.ABORTED, result.getMessage(), true);
  }
  const message = `chaincode response ${chaincodeStatus}, ${result.getMessage()}`;
  return fail(status.UNKNOWN, message, false);
}
