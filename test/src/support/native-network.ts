import { join } from 'node:path';
import { isPortFree, withPorts, type BatchLimits, type Topology } from '@procurement/network';
import {
  findBinaries,
  missingBinaries,
  type FabricBinaries,
} from '@procurement/network/fabric/binaries';
import {
  deployNative,
  stopServicesOf,
  type NativeDeployment,
} from '@procurement/network/fabric/native-chaincode';
import { NativeFolder } from '@procurement/network/fabric/native-folder';
import { startNative, stopNodes } from '@procurement/network/fabric/native-network';
import { planNetwork, type Consensus } from '@procurement/network/fabric/network-plan';
import type { NodeChoices } from '@procurement/network/fabric/write-configuration';
import { projectRoot } from '@procurement/tools/start/project-root';

/** What the native tests run on: binaries that are there, and the kind of ordering service. */
export interface NativeSetting {
  readonly binaries: FabricBinaries;
  readonly consensus: Consensus;
}

/** A native network of a test, in a folder of its own. */
export interface NativeTestNetwork {
  readonly folder: NativeFolder;
  deploy(deployment: Omit<NativeDeployment, 'packageFolder'> & { folder: string }): Promise<void>;
  /** Ends all nodes and starts them again. */
  restart(): Promise<void>;
  /** Ends everything; the folder stays. */
  stop(): Promise<void>;
}

const portMin = 20_000;
const portsMax = 10_000;

/**
 * @returns undefined where binaries are missing; the reason is printed then, so that whoever reads
 *   the output knows that nothing was tested
 */
export function nativeSetting(): NativeSetting | undefined {
  const missing = missingBinaries(process.env);
  if (missing !== undefined) {
    process.stdout.write(`Skipped, as real Fabric is not here. ${missing}\n`);
    return undefined;
  }
  const consensus = process.env['TEST_FABRIC'] === 'bft' ? 'bft' : 'raft';
  return { binaries: findBinaries(process.env), consensus };
}

/** What stands in titles: `Fabric 3.1.5 with SmartBFT`. */
export function titleOf({ binaries, consensus }: NativeSetting): string {
  return `Fabric ${binaries.version} with ${consensus === 'bft' ? 'SmartBFT' : 'Raft'}`;
}

/**
 * Starts a network on free ports and waits until it serves.
 * @param options.path of its folder
 * @param options.batch default: that of a real network, with a timeout that suits a test
 */
export async function startNativeNetwork(
  setting: NativeSetting,
  options: {
    readonly path: string;
    readonly topology: Topology;
    readonly batch: BatchLimits;
    readonly choices?: NodeChoices;
  },
): Promise<NativeTestNetwork> {
  const { binaries, consensus } = setting;
  const { path, batch, choices = {} } = options;
  const topology = await onFreePorts(options.topology, consensus);
  const folder = await NativeFolder.create(path, { consensus, topology, batch, choices });
  const stop = async (): Promise<void> => {
    await stopServicesOf(folder);
    await stopNodes(folder);
  };
  const start = (): Promise<void> => startNative({ folder, binaries, progress: () => undefined });
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder,
    deploy: async ({ folder: packageFolder, ...deployment }) => {
      await deployNative(folder, { ...deployment, packageFolder });
    },
    restart: async () => {
      await stopNodes(folder);
      await start();
    },
    stop,
  };
}

/** The chaincode of the product, as it is packed. */
export const productPackage = join(projectRoot, 'chaincode', 'dist', 'package');

/** The topology at ports of which every one, those that follow from them included, is free now. */
async function onFreePorts(topology: Topology, consensus: Consensus): Promise<Topology> {
  for (;;) {
    const first = portMin + Math.floor(Math.random() * portsMax);
    const placed = withPorts(topology, first);
    const { peers, orderers } = planNetwork({ topology: placed, consensus });
    const ports = [
      ...[...peers, ...orderers].flatMap((one) => [one.port, one.operationsPort, one.secondPort]),
      ...placed.chaincodes.flatMap(({ addresses }) =>
        Object.values(addresses).map(({ port }) => port),
      ),
    ];
    if ((await Promise.all(ports.map(isPortFree))).every(Boolean)) return placed;
  }
}
