import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';
import type { Contract, Gateway, Network } from '@hyperledger/fabric-gateway';
import type { EmbeddedNetwork } from '../network';
import { readWalletEntry, walletFile } from '../../../certificates/wallet';

/** A user's connection through the gateway of one organization's peer. */
export interface GatewayClient {
  readonly client: Client;
  readonly gateway: Gateway;
  readonly network: Network;
  readonly contract: Contract;
  close(): void;
}

/** What is needed to find a network: in this process or in another. */
export type ProfileSource = Pick<EmbeddedNetwork, 'topology' | 'profiles' | 'walletFolder'>;

interface Profile {
  readonly peers: Record<
    string,
    { url: string; tlsCACerts: { pem: string }; grpcOptions: Record<string, string> }
  >;
  readonly organizations: Record<string, { mspid: string; peers: string[] }>;
}

/** A gRPC connection to the peer of an organization, by its connection profile. */
export async function peerConnection(network: ProfileSource, mspId: string): Promise<Client> {
  const path = network.profiles.get(mspId) ?? '';
  const profile = JSON.parse(await readFile(path, 'utf8')) as Profile;
  const own = Object.values(profile.organizations).find((one) => one.mspid === mspId);
  const peer = profile.peers[own?.peers[0] ?? ''];
  if (!peer) throw new Error(`the profile ${path} has no peer of ${mspId}`);
  const tls = credentials.createSsl(Buffer.from(peer.tlsCACerts.pem));
  return new Client(peer.url.replace('grpcs://', ''), tls, {
    'grpc.ssl_target_name_override': peer.grpcOptions['ssl-target-name-override'] ?? 'localhost',
  });
}

/** Connects a user of the wallet with the stock client library. */
export async function connectGateway(
  network: ProfileSource,
  options: {
    readonly user: string;
    readonly viaMspId?: string;
    readonly chaincode?: string;
    /** Longest that a step of a transaction takes; default: for ever. */
    readonly limitMs?: number;
  },
): Promise<GatewayClient> {
  const entry = await readWalletEntry(walletFile(network.walletFolder, options.user));
  const { mspId } = entry;
  const { certificate, privateKey } = entry.credentials;
  const client = await peerConnection(network, options.viaMspId ?? mspId);
  const { limitMs } = options;
  const limit = (): { deadline?: number } =>
    limitMs === undefined ? {} : { deadline: Date.now() + limitMs };
  const gateway = connect({
    ...{ endorseOptions: limit, submitOptions: limit, commitStatusOptions: limit },
    client,
    identity: { mspId, credentials: Buffer.from(certificate) },
    signer: signers.newPrivateKeySigner(createPrivateKey(privateKey)),
    hash: hash.sha256,
  });
  const channel = gateway.getNetwork(network.topology.channel);
  return {
    client,
    gateway,
    network: channel,
    contract: channel.getContract(options.chaincode ?? 'asset'),
    close() {
      gateway.close();
      client.close();
    },
  };
}
