import { join } from 'node:path';
import {
  firstOrderer,
  peerOrganizations,
  prepareChaincodes,
  startChaincodeProcess,
  type ChaincodeProcess,
  type ChaincodeService,
  type Topology,
} from '@procurement/network';
import { topology as procurement } from '@procurement/network/topologies/procurement';
import type { Child } from '@procurement/tools/start/child';
import { networkFolderOf, startNetwork } from '@procurement/tools/start/network-process';
import { freePorts } from '@procurement/tools/start/ports';
import { assetPackage } from './asset-topology';

/** A network in a process of its own with the minimal contract. */
export interface AssetNetwork {
  /** Id of the network process that runs now. */
  readonly processId: number;
  readonly channel: string;
  readonly chaincode: string;
  readonly mspIds: readonly string[];
  readonly profileFile: string;
  readonly walletFile: string;
  readonly walletFolder: string;
  /** Connection profile of an organisation. */
  profileOf(mspId: string): string;
  /** Ends the network process with SIGKILL; the chaincode processes keep running. */
  killNetwork(): Promise<void>;
  /** Starts the network again, on the same folder and ports. */
  startNetworkAgain(): Promise<void>;
  /** Ends one organisation's chaincode process with SIGKILL, and starts another in its place. */
  replaceChaincode(mspId: string): Promise<void>;
  stop(): Promise<void>;
}

const chaincode = { name: 'asset', version: '1.0' };
const mspIds = procurement.organizations.map(({ mspId }) => mspId);

/**
 * Three organisations with the minimal contract under the channel's majority policy.
 * @param options.folder where it keeps everything; the caller removes it
 */
export async function startAssetNetwork(options: {
  readonly folder: string;
  readonly batchTimeoutMs: number;
}): Promise<AssetNetwork> {
  const topology = await topologyOnFreePorts(options.batchTimeoutMs);
  const networkFolder = networkFolderOf(options.folder);
  const services = await prepareChaincodes({ topology, folder: networkFolder });
  const chaincodes = new Map(services.map((one) => [one.mspId, startChaincode(one)]));
  const start = async (): Promise<Child> => {
    const child = await startNetwork({ folder: options.folder, topology });
    await child.ready;
    return child;
  };
  let network = await start();
  const profileOf = (mspId: string): string => join(networkFolder, 'profiles', `${mspId}.json`);
  const walletFolder = join(networkFolder, 'wallet');
  return {
    get processId() {
      return network.pid;
    },
    channel: topology.channel,
    chaincode: chaincode.name,
    mspIds,
    profileFile: profileOf('MinistryMSP'),
    walletFile: join(walletFolder, 'tashi.id'),
    walletFolder,
    profileOf,
    killNetwork: async () => {
      process.kill(network.pid, 'SIGKILL');
      await network.ended;
    },
    startNetworkAgain: async () => {
      network = await start();
    },
    replaceChaincode: async (mspId) => {
      const killed = chaincodes.get(mspId);
      const service = services.find((one) => one.mspId === mspId);
      if (!killed || !service) throw new RangeError(`no chaincode of ${mspId}`);
      process.kill(killed.pid, 'SIGKILL');
      await killed.exited;
      chaincodes.set(mspId, startChaincode(service));
    },
    stop: async () => {
      await network.stop();
      await Promise.all([...chaincodes.values()].map((process) => process.stop()));
    },
  };
}

/** The procurement network's organisations with the minimal contract, where nothing listens yet. */
async function topologyOnFreePorts(batchTimeoutMs: number): Promise<Topology> {
  const ports = await freePorts(2 * mspIds.length + 1);
  const nextPort = (): number => ports.pop() ?? 0;
  const addresses = mspIds.map((mspId) => [mspId, { port: nextPort() }] as const);
  return {
    ...procurement,
    batch: { ...procurement.batch, timeoutMs: batchTimeoutMs },
    organizations: peerOrganizations(procurement).map((organization) => ({
      ...organization,
      peer: { ...organization.peer, port: nextPort() },
    })),
    orderers: [{ ...firstOrderer(procurement), port: nextPort() }],
    chaincodes: [
      {
        ...chaincode,
        sequence: 1,
        endorsementPolicy: '/Channel/Application/Endorsement',
        addresses: Object.fromEntries(addresses),
      },
    ],
  };
}

function startChaincode({ mspId, port, package: { id } }: ChaincodeService): ChaincodeProcess {
  return startChaincodeProcess({ folder: assetPackage, packageId: id, mspId, port });
}
