import { join, resolve } from 'node:path';
import { readTopology } from '../topology-file/read-topology';
import { startEmbeddedNetwork } from '../embedded/src/network';
import type { EmbeddedNetwork } from '../embedded/src/network';
import { firstOrderer, ordererHost, peerHost, peerOrganizations, withPorts } from '../topology';
import type { Topology } from '../topology';
import { topology as testNetwork } from '../topologies/test-network';
import type { StartSettings } from './settings';
import { folderOption, table } from './texts';
import type { Print } from './texts';

/** A network that this process runs until it is told to end. */
export interface StartedNetwork {
  /** Resolves when the network has failed. */
  readonly failed: Promise<unknown>;
  /** Where everything is, and what to do next. */
  readonly description: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts the network of the settings.
 * @param print hears warnings, then and later
 * @throws what `startEmbeddedNetwork` throws
 */
export async function startNetwork(settings: StartSettings, print: Print): Promise<StartedNetwork> {
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<unknown>((resolveFailure) => {
    fail = resolveFailure;
  });
  const folder = resolve(settings.folder);
  const network = await startEmbeddedNetwork({
    topology: await topologyOf(settings),
    folder,
    portSetting: '--base-port',
    log: {
      info: () => undefined,
      warn: (text) => {
        print(`warning: ${text}`);
      },
    },
    onFailure: (error) => {
      fail(error);
    },
  });
  const description = await describe(network, folder);
  return { failed, description, close: () => network.close() };
}

async function topologyOf(settings: StartSettings): Promise<Topology> {
  const { topology: file, basePort, batchTimeoutMs, compat } = settings;
  const chosen = file === undefined ? testNetwork : await readTopology(file);
  const placed = basePort === undefined ? chosen : withPorts(chosen, basePort);
  return {
    ...placed,
    ...(compat !== undefined && { compat }),
    ...(batchTimeoutMs !== undefined && { batch: { ...placed.batch, timeoutMs: batchTimeoutMs } }),
  };
}

async function describe(network: EmbeddedNetwork, folder: string): Promise<string[]> {
  return [
    `The network runs, with the channel ${network.topology.channel}:`,
    '',
    ...table(addresses(network)),
    '',
    ...table([
      ['keys and certificates', join(folder, 'organizations')],
      ['connection profiles', join(folder, 'profiles')],
      ['wallet', network.walletFolder],
    ]),
    '',
    ...(await expectedChaincodes(network)),
    'Next, in another terminal, bring your chaincode onto it:',
    '',
    `  npm run network -- deploy --name NAME --path CHAINCODE_FOLDER${folderOption(folder)}`,
    '',
    'Ctrl-C stops the network; the next start has the same ledger.',
  ];
}

/** The processes that the topology's chaincodes need, with the id and TLS files of each. */
async function expectedChaincodes(network: EmbeddedNetwork): Promise<string[]> {
  const { chaincodes } = network.topology;
  const services = await Promise.all(chaincodes.map((one) => network.chaincodeServices(one)));
  const rows = services
    .flat()
    .map(({ mspId, port, package: own, tls }) => [
      mspId,
      `--chaincode-address=127.0.0.1:${String(port)}`,
      `--chaincode-id=${own.id}`,
      ...(tls ? [`--chaincode-tls-cert-file=${tls.certificateFile}`] : []),
      ...(tls ? [`--chaincode-tls-key-file=${tls.keyFile}`] : []),
      ...(tls ? [`--chaincode-tls-client-cacert-file=${tls.clientCaFile}`] : []),
    ]);
  if (rows.length === 0) return [];
  const what = 'Chaincodes of the topology: start each, in its folder, with CORE_PEER_LOCALMSPID=';
  return [
    `${what}(the first word) and`,
    'npx fabric-chaincode-node server (the others):',
    '',
    ...rows.map((row) => `  ${row.join(' ')}`),
    '',
  ];
}

function addresses(network: EmbeddedNetwork): string[][] {
  const { topology, endpoints } = network;
  const orderer = firstOrderer(topology);
  return [
    ...peerOrganizations(topology).map((one) => [
      peerHost(one),
      `127.0.0.1:${String(endpoints.peers.get(one.mspId)?.port)}`,
      one.mspId,
    ]),
    [
      ordererHost(topology, orderer),
      `127.0.0.1:${String(endpoints.orderer.port)}`,
      orderer.organization,
    ],
  ];
}
