import path from 'node:path';
import { readProfiles, readWallet } from '@procurement/gateway';
import type { AdapterOptions, Identity } from '@procurement/gateway';
import { startTestNetwork } from '@procurement/network';
import type { EmbeddedNetwork, TestNetwork } from '@procurement/network';
import { assetMspIds, assetPackage, assetTopology } from '../support/asset-topology';

const COMMIT_TIMEOUT_MS = 10_000;

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
  user(mspId: (typeof assetMspIds)[number]): Identity {
    const found = this.#wallet.find((identity) => identity.mspId === mspId);
    if (found === undefined) throw new Error(`the wallet has no user of ${mspId}`);
    return found;
  }

  async start(): Promise<void> {
    this.#running = await startTestNetwork({
      topology: assetTopology,
      chaincodeFolder: assetPackage,
    });
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
