import { connect, hash } from '@hyperledger/fabric-gateway';
import type { Contract, Gateway, Network } from '@hyperledger/fabric-gateway';
import { gateway } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { peerConnection } from '../test-support/gateway-client';
import type { RawClients } from './raw-clients.test-support';

/** The stock client library, as one identity, through the peer of one organization. */
export interface SdkClient {
  readonly gateway: Gateway;
  readonly network: Network;
  readonly contract: Contract;
  /** The contract under another chaincode name. */
  contractOf(chaincode: string): Contract;
  close(): void;
}

/** Connects any identity, also one that the wallet does not have. */
export async function connectAs(
  clients: RawClients,
  identity: SigningIdentity,
  viaMspId = identity.mspId,
): Promise<SdkClient> {
  const client = await peerConnection(clients.network.network, viaMspId);
  const connected = connect({
    client,
    identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificatePem) },
    hash: hash.none,
    signer: (message) => Promise.resolve(identity.sign(message)),
  });
  const network = connected.getNetwork(clients.network.network.topology.channel);
  return {
    gateway: connected,
    network,
    contract: network.getContract('asset'),
    contractOf: (chaincode) => network.getContract(chaincode),
    close() {
      connected.close();
      client.close();
    },
  };
}

/** What an SDK call was rejected with, as the recording has it; addresses become MSP ids. */
export async function failureOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    const { name, code, message, details } = error as Error & {
      code?: number;
      details?: readonly { address: string; message: string; mspId: string }[];
    };
    return {
      error: name,
      ...(code !== undefined && { grpcCode: code }),
      message,
      ...(typeof details === 'object' && {
        details: details.map((one) => [one.mspId, one.message]),
      }),
    };
  }
  throw new Error('nothing was refused');
}

/** Calls Evaluate of the ministry's gateway. */
export async function evaluate(
  clients: RawClients,
  request: gateway.EvaluateRequest,
): Promise<gateway.EvaluateResponse> {
  const client = await clients.gateway();
  return new Promise((resolve, reject) => {
    client.evaluate(request, (error, answer) => {
      if (error) reject(error);
      else resolve(answer!);
    });
  });
}

/** Calls Submit of the ministry's gateway. */
export async function submit(clients: RawClients, request: gateway.SubmitRequest): Promise<void> {
  const client = await clients.gateway();
  return new Promise((resolve, reject) => {
    client.submit(request, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Calls CommitStatus of the ministry's gateway. */
export async function statusOf(
  clients: RawClients,
  about: { txId: string; signer: SigningIdentity; channelId: string },
): Promise<void> {
  const { txId, signer, channelId } = about;
  const request = new gateway.CommitStatusRequest();
  request.setTransactionId(txId);
  request.setChannelId(channelId);
  request.setIdentity(signer.serialized);
  const signed = new gateway.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  signed.setSignature(signer.sign(signed.getRequest_asU8()));
  const client = await clients.gateway();
  return new Promise((resolve, reject) => {
    client.commitStatus(signed, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
