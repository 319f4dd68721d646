import { readFileSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import { Gateway, Wallets } from 'fabric-network';
import { newSign } from '@procurement/gateway';

/** One contract of one channel, reached through one SDK. */
export interface SdkClient {
  readonly sdk: 'fabric-gateway' | 'fabric-network';
  submit(transaction: string, ...args: string[]): Promise<unknown>;
  evaluate(transaction: string, ...args: string[]): Promise<unknown>;
  close(): void;
}

/** Where to connect and as whom. */
export interface SdkTarget {
  /** Connection profile of the identity's organisation. */
  readonly profileFile: string;
  /** Fabric wallet file of the identity. */
  readonly walletFile: string;
  readonly channel: string;
  readonly chaincode: string;
}

/** What is read of a connection profile; certificates stand in it or in files that it names. */
export interface Profile {
  readonly name?: string;
  readonly client?: { readonly organization?: string };
  readonly organizations: Readonly<
    Record<string, { readonly mspid: string; readonly peers: string[] }>
  >;
  readonly peers: Readonly<
    Record<
      string,
      {
        readonly url: string;
        readonly tlsCACerts: { readonly pem?: string; readonly path?: string };
        readonly grpcOptions: Readonly<Record<string, string>>;
      }
    >
  >;
}

/** A file of a Fabric wallet. */
export interface WalletEntry {
  readonly credentials: { readonly certificate: string; readonly privateKey: string };
  readonly mspId: string;
  readonly type: 'X.509';
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** fabric-gateway with signatures of node:crypto, which is how the product's adapter uses it. */
export function connectFabricGateway(target: SdkTarget): SdkClient {
  const profile = readJson(target.profileFile) as Profile;
  const entry = readJson(target.walletFile) as WalletEntry;
  const organization = Object.values(profile.organizations).find(
    ({ mspid }) => mspid === entry.mspId,
  );
  const peer = profile.peers[organization?.peers[0] ?? ''];
  if (peer === undefined) throw new Error(`no peer of ${entry.mspId} in ${target.profileFile}`);
  const client = new grpc.Client(
    peer.url.replace('grpcs://', ''),
    grpc.credentials.createSsl(rootCertificateOf(peer.tlsCACerts)),
    {
      'grpc.ssl_target_name_override': peer.grpcOptions['ssl-target-name-override'] ?? 'localhost',
    },
  );
  const gateway = connect({
    client,
    identity: { mspId: entry.mspId, credentials: Buffer.from(entry.credentials.certificate) },
    // The signer gets the message itself and hashes it, as node:crypto does.
    hash: hash.none,
    signer: newSign(entry.credentials.privateKey),
  });
  const contract = gateway.getNetwork(target.channel).getContract(target.chaincode);
  return {
    sdk: 'fabric-gateway',
    submit: (transaction, ...args) => contract.submitTransaction(transaction, ...args),
    evaluate: (transaction, ...args) => contract.evaluateTransaction(transaction, ...args),
    close: () => {
      gateway.close();
      client.close();
    },
  };
}

function rootCertificateOf({ pem, path }: Profile['peers'][string]['tlsCACerts']): Buffer {
  return pem === undefined ? readFileSync(path ?? '') : Buffer.from(pem);
}

/** fabric-network with its default options, discovery included. */
export async function connectFabricNetwork(target: SdkTarget): Promise<SdkClient> {
  const wallet = await Wallets.newInMemoryWallet();
  await wallet.put('user', { ...(readJson(target.walletFile) as WalletEntry) });
  const gateway = new Gateway();
  await gateway.connect(readJson(target.profileFile) as Record<string, unknown>, {
    wallet,
    identity: 'user',
  });
  const contract = (await gateway.getNetwork(target.channel)).getContract(target.chaincode);
  return {
    sdk: 'fabric-network',
    submit: (transaction, ...args) => contract.submitTransaction(transaction, ...args),
    evaluate: (transaction, ...args) => contract.evaluateTransaction(transaction, ...args),
    close: () => {
      gateway.disconnect();
    },
  };
}
