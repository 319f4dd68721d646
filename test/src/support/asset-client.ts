import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { connect, hash, signers, type Network } from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';
import type { AssetNetwork } from './asset-network';

/** One user's connection to the peer of the user's organisation, through fabric-gateway. */
export interface AssetClient {
  readonly mspId: string;
  /** Writes one asset and tells how far it got; never throws. */
  put(key: string, value: string, onStage?: (stage: PutStage) => void): Promise<PutOutcome>;
  /** Every asset. */
  readAll(): Promise<ReadonlyMap<string, string>>;
  /** The peer's own copy of every block. */
  readBlocks(): Promise<common.Block[]>;
  close(): void;
}

/** How far a submission has got. */
export type PutStage = 'endorsed' | 'submitted' | 'answered';

/** What a caller knows of a submission when it is over for the caller. */
export interface PutOutcome {
  readonly key: string;
  readonly value: string;
  readonly transactionId: string;
  /** Validation code of the answered commit status; absent where no answer came. */
  readonly answeredCode?: number;
}

interface Profile {
  readonly organizations: Readonly<Record<string, { mspid: string; peers: string[] }>>;
  readonly peers: Readonly<
    Record<
      string,
      { url: string; tlsCACerts: { pem: string }; grpcOptions: Readonly<Record<string, string>> }
    >
  >;
}

interface WalletEntry {
  readonly mspId: string;
  readonly credentials: { readonly certificate: string; readonly privateKey: string };
}

/** One user of each organisation. */
const users: Readonly<Record<string, string>> = {
  MinistryMSP: 'tashi',
  VendorMSP: 'vendor-1',
  AuditorMSP: 'auditor',
};
const callLimitMs = 15_000;

/** Connects the user of an organisation to its peer. */
export function connectAssetClient(network: AssetNetwork, mspId: string): AssetClient {
  const profile = readJson(network.profileOf(mspId)) as Profile;
  const walletFile = join(network.walletFolder, `${users[mspId] ?? mspId}.id`);
  const { credentials } = readJson(walletFile) as WalletEntry;
  const own = Object.values(profile.organizations).find(({ mspid }) => mspid === mspId);
  const peer = profile.peers[own?.peers[0] ?? ''];
  if (peer === undefined) throw new Error(`no peer of ${mspId} in its profile`);
  const client = new grpc.Client(
    peer.url.replace('grpcs://', ''),
    grpc.credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)),
    {
      'grpc.ssl_target_name_override': peer.grpcOptions['ssl-target-name-override'] ?? 'localhost',
    },
  );
  const limited = (): grpc.CallOptions => ({ deadline: Date.now() + callLimitMs });
  const gateway = connect({
    client,
    identity: { mspId, credentials: Buffer.from(credentials.certificate) },
    hash: hash.sha256,
    signer: signers.newPrivateKeySigner(createPrivateKey(credentials.privateKey)),
    evaluateOptions: limited,
    endorseOptions: limited,
    submitOptions: limited,
    commitStatusOptions: limited,
  });
  const channel = gateway.getNetwork(network.channel);
  const contract = channel.getContract(network.chaincode);
  return {
    mspId,
    put: (key, value, onStage) => put({ channel, network, key, value, onStage }),
    readAll: async () => {
      const rows = await contract.evaluateTransaction('range', '', '');
      return new Map(JSON.parse(Buffer.from(rows).toString()) as [string, string][]);
    },
    readBlocks: () => readBlocks(channel),
    close: () => {
      gateway.close();
      client.close();
    },
  };
}

async function put(call: {
  readonly channel: Network;
  readonly network: AssetNetwork;
  readonly key: string;
  readonly value: string;
  readonly onStage: ((stage: PutStage) => void) | undefined;
}): Promise<PutOutcome> {
  const { key, value } = call;
  const contract = call.channel.getContract(call.network.chaincode);
  const proposal = contract.newProposal('put', { arguments: [key, value] });
  const outcome = { key, value, transactionId: proposal.getTransactionId() };
  try {
    const transaction = await proposal.endorse();
    call.onStage?.('endorsed');
    const commit = await transaction.submit();
    call.onStage?.('submitted');
    const { code } = await commit.getStatus();
    call.onStage?.('answered');
    return { ...outcome, answeredCode: code };
  } catch {
    // Whatever broke: the caller has no answer, and that is all it knows.
    return outcome;
  }
}

async function readBlocks(channel: Network): Promise<common.Block[]> {
  const query = channel.getContract('qscc');
  const name = channel.getName();
  const info = await query.evaluateTransaction('GetChainInfo', name);
  const height = common.BlockchainInfo.deserializeBinary(info).getHeight();
  const blocks: common.Block[] = [];
  const events = await channel.getBlockEvents({ startBlock: 0n });
  try {
    for await (const block of events) {
      blocks.push(block);
      if (blocks.length >= height) break;
    }
  } finally {
    events.close();
  }
  return blocks;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
