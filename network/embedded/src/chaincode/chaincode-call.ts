import type { peer } from '@hyperledger/fabric-protos';
import type { TxSimulator } from '../state/simulator';
import type { ExecuteRequest } from './execution';
import type { Initializable } from './initialization';
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

/** A chaincode that another one calls. */
export interface CalledChaincode {
  readonly definition: Initializable;
  readonly host: ExecutableChaincode;
}

/** Chaincodes of the peer and who may call them. */
export interface CallDirectory {
  /**
   * A chaincode of a channel.
   * @throws Error with Fabric's text when the peer does not run it there
   */
  readonly find: (channelId: string, name: string) => CalledChaincode;
  /** A new simulation on a channel, undefined when the peer has not joined it. */
  readonly simulator: (channelId: string, txId: string) => TxSimulator | undefined;
  /**
   * The access check `peer/ChaincodeToChaincode` on the channel of the callee.
   * @throws Error with the text for the caller
   */
  readonly authorize: (channelId: string, signedProposal: peer.SignedProposal) => void;
}

/** Splits `name:version/channel`; the version is not looked at. */
function parseTarget(name: string): { chaincode: string; channelId: string } {
  const [front = '', channelId = ''] = name.split(/\/(.*)/s);
  const [chaincode = ''] = front.split(':');
  return { chaincode, channelId };
}

/** Fabric's text for a chaincode that is not on the channel or not on this peer. */
function notFound(chaincode: string, channelId: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const text =
    `execute failed: invalid invocation: [channel ${channelId}] failed to get chaincode ` +
    `container info for ${chaincode}: ${reason}`;
  return new Error(text, { cause: error });
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
 * Calls between chaincodes. On one channel the callee works on the simulator of the caller, in its
 * own namespace; on another channel it works on a simulation of its own, of which nothing but the
 * response remains (Fabric: `handler.go:HandleInvokeChaincode`).
 */
export function chaincodeCalls(directory: CallDirectory): ChaincodeCalls {
  return async (spec, context) => {
    const target = parseTarget(spec.getChaincodeId()?.getName() ?? '');
    const channelId = target.channelId === '' ? context.channelId : target.channelId;
    const { txId, signedProposal } = context;
    directory.authorize(channelId, signedProposal);
    const input = spec.getInput()?.serializeBinary() ?? Buffer.of();
    const isInit = spec.getInput()?.getIsInit() ?? false;
    const call = { input, isInit, channelId, txId, signedProposal };
    if (channelId === context.channelId) {
      return callOn(directory, target.chaincode, { ...call, simulator: context.simulator });
    }
    const simulator = directory.simulator(channelId, txId);
    if (!simulator) throw new Error(`failed to find ledger for channel: ${channelId}`);
    try {
      return await callOn(directory, target.chaincode, { ...call, simulator });
    } finally {
      await simulator.done();
    }
  };
}

function callOn(
  { find }: CallDirectory,
  chaincode: string,
  request: Omit<ExecuteRequest, 'definition'>,
): Promise<Uint8Array> {
  const { channelId, simulator } = request;
  simulator.readSequence(chaincode);
  let callee: CalledChaincode;
  try {
    callee = find(channelId, chaincode);
  } catch (error) {
    return Promise.reject(notFound(chaincode, channelId, error));
  }
  return callHere(callee.host, { ...request, definition: callee.definition });
}

/** For a peer without a directory: no chaincode can be called. */
export const noChaincodeCalls: ChaincodeCalls = chaincodeCalls({
  find: (_channelId, name) => {
    throw new Error(`chaincode ${name} not found`);
  },
  simulator: () => undefined,
  authorize: () => undefined,
});
