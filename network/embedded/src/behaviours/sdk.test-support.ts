import { connect, hash } from '@hyperledger/fabric-gateway';
import type { Contract, Gateway, Network } from '@hyperledger/fabric-gateway';
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
  const gateway = connect({
    client,
    identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificatePem) },
    hash: hash.none,
    signer: (message) => Promise.resolve(identity.sign(message)),
  });
  const network = gateway.getNetwork(clients.network.network.topology.channel);
  return {
    gateway,
    network,
    contract: network.getContract('asset'),
    contractOf: (chaincode) => network.getContract(chaincode),
    close() {
      gateway.close();
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
      ...(Array.isArray(details) && {
        details: details.map((one) => [one.mspId, one.message]),
      }),
    };
  }
  throw new Error('nothing was refused');
}
