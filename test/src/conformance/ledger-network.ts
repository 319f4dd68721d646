import path from 'node:path';
import { readProfiles, readWallet } from '@procurement/gateway';
import type { AdapterOptions, Identity } from '@procurement/gateway';
import { startTestNetwork } from '@procurement/network';
import type { EmbeddedNetwork, TestNetwork, Topology } from '@procurement/network';

const FIXTURE = path.resolve(__dirname, '../../../network/embedded/fixtures/asset');
const COMMIT_TIMEOUT_MS = 10_000;
const MSP_IDS = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

const topology: Topology = {
  channel: 'procurement',
  batch: {
    timeoutMs: 10,
    maxMessageCount: 200,
    preferredMaxBytes: 512 * 1024,
    absoluteMaxBytes: 1024 * 1024,
  },
  organizations: MSP_IDS.map((mspId) => {
    const name = mspId.replace('MSP', '').toLowerCase();
    return {
      name,
      mspId,
      domain: `${name}.example`,
      peer: { name: 'peer0', port: 0 },
      users: [{ name: `user-${name}`, type: 'client', attributes: {} }],
    };
  }),
  orderer: { organization: 'AuditorMSP', name: 'orderer', port: 0 },
  chaincodes: [
    {
      name: 'asset',
      version: '1.0',
      sequence: 1,
      endorsementPolicy: "AND('AuditorMSP.peer', OR('MinistryMSP.peer', 'VendorMSP.peer'))",
      addresses: Object.fromEntries(MSP_IDS.map((mspId) => [mspId, { port: 0 }])),
    },
  ],
};

/** An embedded network with a generic chaincode, and what an adapter needs to reach it. */
export class LedgerNetwork {
  #running: TestNetwork | undefined;
  #wallet: Identity[] = [];
  #adapterOptions: AdapterOptions | undefined;

  /** What both adapters are made from. */
  get adapterOptions(): AdapterOptions {
    if (this.#adapterOptions === undefined) throw new Error('start the network first');
    return this.#adapterOptions;
  }

  /** The user of an organization. */
  user(mspId: (typeof MSP_IDS)[number]): Identity {
    const found = this.#wallet.find((identity) => identity.mspId === mspId);
    if (found === undefined) throw new Error(`the wallet has no user of ${mspId}`);
    return found;
  }

  async start(): Promise<void> {
    this.#running = await startTestNetwork({ topology, chaincodeFolder: FIXTURE });
    await this.#read(this.#running.network);
  }

  async stop(): Promise<void> {
    await this.#running?.close();
  }

  async #read(network: EmbeddedNetwork): Promise<void> {
    this.#wallet = await readWallet(network.walletFolder);
    const [profile = ''] = network.profiles.values();
    this.#adapterOptions = {
      profiles: await readProfiles(path.dirname(profile)),
      channel: 'procurement',
      chaincode: 'asset',
      endorseTimeoutMs: COMMIT_TIMEOUT_MS,
      commitTimeoutMs: COMMIT_TIMEOUT_MS,
    };
  }
}
