import { peer } from '@hyperledger/fabric-protos';
import type { UnpackedProposal } from '../endorse/proposal';
import type { SignedDatum } from '../policy/signature-policy';
import type { TxSimulator } from '../state/simulator';

/** Version that Fabric gives its built-in chaincodes. */
export const systemChaincodeVersion = 'syscc';

/** One call of a chaincode that is part of the peer. */
export interface SystemCall {
  readonly args: readonly Uint8Array[];
  readonly proposal: UnpackedProposal;
  /** The simulation to read the state through; absent for chaincodes without one. */
  readonly simulator?: TxSimulator;
}

/** A chaincode that is part of the peer. Refusals are answers with status 500, never errors. */
export interface SystemChaincode {
  /** Whether calls read the state and so have a read set. */
  readonly simulated: boolean;
  invoke(call: SystemCall): peer.Response | Promise<peer.Response>;
}

/** An answer with status 200 (shim.Success). */
export function success(payload: Uint8Array): peer.Response {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(payload);
  return response;
}

/** An answer with status 500 (shim.Error), or another status. */
export function failure(message: string, status = 500): peer.Response {
  const response = new peer.Response();
  response.setStatus(status);
  response.setMessage(message);
  return response;
}

/** An argument as text; empty when it is absent. */
export function textArgument(call: SystemCall, index: number): string {
  const bytes = call.args[index];
  return bytes ? Buffer.from(bytes).toString('utf8') : '';
}

/** What the creator signed, as policies want it. */
export function signedDatumOf(proposal: UnpackedProposal): SignedDatum {
  return {
    data: proposal.signed.getProposalBytes_asU8(),
    identity: proposal.creator,
    signature: proposal.signed.getSignature_asU8(),
  };
}
