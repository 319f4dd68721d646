import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Topology } from '../../../topology';
import { startChaincodeProcess } from '../chaincode/chaincode-process';
import type { ChaincodeProcess } from '../chaincode/chaincode-process';
import { packageIdOf } from '../chaincode-hosts';
import type { ChaincodeAddresses } from '../chaincode-hosts';
import { startEmbeddedNetwork } from '../network';
import type { EmbeddedNetwork, NetworkOptions } from '../network';

const mspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

/** Three organizations and the asset chaincode, on any free ports. */
export const assetTopology: Topology = {
  channel: 'procurement',
  batch: {
    timeoutMs: 10,
    maxMessageCount: 200,
    preferredMaxBytes: 512 * 1024,
    absoluteMaxBytes: 1024 * 1024,
  },
  organizations: [
    organization('ministry', 'MinistryMSP', [
      { name: 'tashi', type: 'client', attributes: { role: 'officer' } },
      { name: 'boss', type: 'admin', attributes: {} },
    ]),
    organization('vendors', 'VendorMSP', [{ name: 'vendor-1', type: 'client', attributes: {} }]),
    organization('auditor', 'AuditorMSP', [{ name: 'auditor', type: 'client', attributes: {} }]),
  ],
  orderer: { organization: 'AuditorMSP', name: 'orderer', port: 0 },
  chaincodes: [
    {
      name: 'asset',
      version: '1.0',
      sequence: 1,
      endorsementPolicy: "AND('AuditorMSP.peer', OR('MinistryMSP.peer', 'VendorMSP.peer'))",
      addresses: Object.fromEntries(mspIds.map((mspId) => [mspId, { port: 0 }])),
    },
  ],
};

function organization(
  name: string,
  mspId: string,
  users: Topology['organizations'][number]['users'],
): Topology['organizations'][number] {
  return { name, mspId, domain: `${name}.example`, peer: { name: 'peer0', port: 0 }, users };
}

/** A network with its chaincode processes, in a folder of its own. */
export interface RunningNetwork {
  readonly folder: string;
  /** The network of the moment; `restart` makes a new one. */
  readonly network: EmbeddedNetwork;
  /** Closes the network and starts it again on the same folder. */
  restart(): Promise<void>;
  /** Ends everything and removes the folder. */
  stop(): Promise<void>;
}

/** Starts the topology's first chaincode once for each organization, then the network. */
export async function startAssetNetwork(
  options: Partial<NetworkOptions> & { readonly chaincodeFolder?: string } = {},
): Promise<RunningNetwork> {
  const topology = options.topology ?? assetTopology;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'embedded-network-')));
  const { processes, addresses } = await startChaincodes(topology, options.chaincodeFolder);
  const open = async (): Promise<EmbeddedNetwork> => {
    const started = await startEmbeddedNetwork({
      ...options,
      topology,
      folder,
      chaincodeAddresses: addresses,
    });
    await started.awaitChaincode(topology.chaincodes[0]?.name ?? '');
    return started;
  };
  let network = await open();
  return {
    folder,
    get network() {
      return network;
    },
    async restart() {
      await network.close();
      network = await open();
    },
    async stop() {
      await network.close();
      await Promise.all(processes.map((one) => one.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startChaincodes(
  topology: Topology,
  chaincodeFolder = join(__dirname, '../../fixtures/asset'),
): Promise<{ processes: ChaincodeProcess[]; addresses: ChaincodeAddresses }> {
  const processes: ChaincodeProcess[] = [];
  const addresses: Record<string, Record<string, { port: number }>> = {};
  for (const chaincode of topology.chaincodes) {
    const byMsp: Record<string, { port: number }> = {};
    addresses[chaincode.name] = byMsp;
    for (const mspId of Object.keys(chaincode.addresses)) {
      const port = await freePort();
      byMsp[mspId] = { port };
      const packageId = packageIdOf(chaincode);
      processes.push(startChaincodeProcess({ folder: chaincodeFolder, packageId, port, mspId }));
    }
  }
  return { processes, addresses };
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Reads a user's wallet file. */
export async function walletEntry(
  network: Pick<EmbeddedNetwork, 'walletFolder'>,
  name: string,
): Promise<{ mspId: string; certificate: string; privateKey: string }> {
  const text = await readFile(join(network.walletFolder, `${name}.id`), 'utf8');
  const entry = JSON.parse(text) as {
    mspId: string;
    credentials: { certificate: string; privateKey: string };
  };
  return { mspId: entry.mspId, ...entry.credentials };
}
