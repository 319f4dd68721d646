import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readProfiles, readWallet } from '@procurement/gateway';
import type { AdapterOptions, Identity } from '@procurement/gateway';
import { packageIdOf, startChaincodeProcess, startEmbeddedNetwork } from '@procurement/network';
import type { ChaincodeProcess, EmbeddedNetwork, Topology } from '@procurement/network';

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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An embedded network with a generic chaincode, and what an adapter needs to reach it. */
export class LedgerNetwork {
  #network: EmbeddedNetwork | undefined;
  #processes: ChaincodeProcess[] = [];
  #folder = '';
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
    this.#folder = await mkdtemp(path.join(tmpdir(), 'ledger-conformance-'));
    const addresses: Record<string, { port: number }> = {};
    for (const mspId of MSP_IDS) {
      const port = await freePort();
      addresses[mspId] = { port };
      const packageId = packageIdOf({ name: 'asset', version: '1.0' });
      this.#processes.push(startChaincodeProcess({ folder: FIXTURE, packageId, port, mspId }));
    }
    this.#network = await startEmbeddedNetwork({
      topology,
      folder: this.#folder,
      chaincodeAddresses: { asset: addresses },
    });
    await this.#network.awaitChaincode('asset');
    await this.#read(this.#network);
  }

  async stop(): Promise<void> {
    await this.#network?.close();
    await Promise.all(this.#processes.map((one) => one.stop()));
    await rm(this.#folder, { recursive: true, force: true });
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
