import { join } from 'node:path';
import { packageIdOf, startChaincodeProcess, type Topology } from '@procurement/network';
import { topology as procurement } from '@procurement/network/topologies/procurement';
import { startNetwork } from '@procurement/tools/start/network-process';
import { projectRoot } from '@procurement/tools/start/project-root';
import { freePorts } from '@procurement/tools/start/ports';

/** A network in a process of its own with the minimal contract. */
export interface AssetNetwork {
  readonly processId: number;
  readonly channel: string;
  readonly chaincode: string;
  readonly profileFile: string;
  readonly walletFile: string;
  stop(): Promise<void>;
}

const packageFolder = join(projectRoot, 'network', 'embedded', 'fixtures', 'asset');
const chaincode = 'asset';
const mspIds = procurement.organizations.map(({ mspId }) => mspId);

/**
 * Three organisations with the minimal contract under the channel's majority policy.
 * @param options.folder where it keeps everything; the caller removes it
 */
export async function startAssetNetwork(options: {
  readonly folder: string;
  readonly batchTimeoutMs: number;
}): Promise<AssetNetwork> {
  const definition = { name: chaincode, version: '1.0' };
  const ports = await freePorts(mspIds.length);
  const addresses = mspIds.map((mspId, index) => ({ mspId, port: ports[index] ?? 0 }));
  const chaincodes = addresses.map(({ mspId, port }) =>
    startChaincodeProcess({
      folder: packageFolder,
      packageId: packageIdOf(definition),
      mspId,
      port,
    }),
  );
  const topology: Topology = {
    ...procurement,
    batch: { ...procurement.batch, timeoutMs: options.batchTimeoutMs },
    organizations: procurement.organizations.map((organization) => ({
      ...organization,
      peer: { ...organization.peer, port: 0 },
    })),
    orderer: { ...procurement.orderer, port: 0 },
    chaincodes: [
      {
        ...definition,
        sequence: 1,
        endorsementPolicy: '/Channel/Application/Endorsement',
        addresses: Object.fromEntries(addresses.map(({ mspId, port }) => [mspId, { port }])),
      },
    ],
  };
  const network = await startNetwork(options.folder, topology);
  return {
    processId: network.pid,
    channel: topology.channel,
    chaincode,
    profileFile: join(options.folder, 'network', 'profiles', 'MinistryMSP.json'),
    walletFile: join(options.folder, 'network', 'wallet', 'tashi.id'),
    stop: async () => {
      await network.stop();
      await Promise.all(chaincodes.map((process) => process.stop()));
    },
  };
}
