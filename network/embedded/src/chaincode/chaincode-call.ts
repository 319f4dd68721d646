import type { peer } from '@hyperledger/fabric-protos';
import type { ExecuteRequest } from './execution';
import type { TransactionContext } from './transaction-context';

/**
 * Carries out a call from one chaincode to another.
 * @returns serialized `peer.ChaincodeMessage` of the callee, whatever its status
 * @throws Error whose text the calling chaincode gets after `INVOKE_CHAINCODE failed: …`
 */
export type ChaincodeCalls = (
  spec: peer.ChaincodeSpec,
  context: TransactionContext,
) => Promise<Uint8Array>;

/** A chaincode that can be executed; `ChaincodeHost` is one. */
export interface ExecutableChaincode {
  execute(request: ExecuteRequest): Promise<peer.ChaincodeMessage>;
}

/** Chaincodes of the peer and who may call them. */
export interface CallDirectory {
  /** The host of a chaincode on this channel, undefined when the peer has none. */
  readonly find: (name: string) => ExecutableChaincode | undefined;
  /**
   * The access check `peer/ChaincodeToChaincode`.
   * @throws Error with the text for the caller
   */
  readonly authorize: (signedProposal: peer.SignedProposal) => void;
}

/** Splits `name:version/channel`; the version is not looked at. */
function parseTarget(name: string): { chaincode: string; channelId: string } {
  const [front = '', channelId = ''] = name.split(/\/(.*)/s);
  const [chaincode = ''] = front.split(':');
  return { chaincode, channelId };
}

/** Fabric's text for a chaincode that is not on the channel or not on this peer. */
function notFound(chaincode: string, channelId: string): Error {
  return new Error(
    `execute failed: invalid invocation: [channel ${channelId}] failed to get chaincode ` +
      `container info for ${chaincode}: chaincode ${chaincode} not found`,
  );
}

async function callHere(callee: ExecutableChaincode, request: ExecuteRequest): Promise<Uint8Array> {
  try {
    return (await callee.execute(request)).serializeBinary();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`execute failed: ${reason}`, { cause: error });
  }
}

/**
 * Calls between chaincodes of one channel: the callee works on the simulator of the caller, in its
 * own namespace. Other channels are not known here
 * (Fabric: `handler.go:HandleInvokeChaincode`).
 */
export function chaincodeCalls({ find, authorize }: CallDirectory): ChaincodeCalls {
  return async (spec, context) => {
    const target = parseTarget(spec.getChaincodeId()?.getName() ?? '');
    authorize(context.signedProposal);
    const { channelId, txId, simulator, signedProposal } = context;
    const { chaincode } = target;
    if (target.channelId !== '' && target.channelId !== channelId) {
      throw notFound(chaincode, target.channelId);
    }
    const callee = find(chaincode);
    if (!callee || !simulator.readSequence(chaincode)) throw notFound(chaincode, channelId);
    const input = spec.getInput()?.serializeBinary() ?? Buffer.of();
    return callHere(callee, { chaincode, input, channelId, txId, simulator, signedProposal });
  };
}

/** For a peer without a directory: no chaincode can be called. */
export const noChaincodeCalls: ChaincodeCalls = chaincodeCalls({
  find: () => undefined,
  authorize: () => undefined,
});
