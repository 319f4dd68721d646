import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Topology } from '@procurement/network/topology';
import { findBinaries } from '@procurement/network/fabric/binaries';
import { topology as procurement } from '@procurement/network/topologies/procurement';
import { assetPackage } from '../support/asset-topology';
import { startNativeNetwork } from '../support/native-network';
import { comparedBatchTimeoutMs, findNetwork, type BenchTarget } from './bench-target';

const name = 'asset';

/**
 * Real Fabric with the minimal contract, started for as long as it is measured: three peers, three
 * Raft ordering nodes, a Node chaincode process for each organisation.
 * @throws FabricBinariesError where programs are missing
 */
export async function withRealFabric<Result>(
  use: (target: BenchTarget) => Promise<Result>,
): Promise<Result> {
  const binaries = findBinaries(process.env);
  const folder = await mkdtemp(join(tmpdir(), 'bench-fabric-'));
  const path = join(folder, 'network');
  const { channel, batch } = procurement;
  const network = await startNativeNetwork(
    { binaries, consensus: 'raft' },
    { path, topology, batch: { ...batch, timeoutMs: comparedBatchTimeoutMs } },
  );
  try {
    const [chaincode] = network.folder.plan.topology.chaincodes;
    if (chaincode) await network.deploy({ channel, chaincode, folder: assetPackage });
    const profile = join(network.folder.profilesFolder, 'MinistryMSP.json');
    const target = await findNetwork({ profile, channel, chaincode: name });
    const used = use({
      ...target,
      network: `Fabric ${binaries.version}`,
      conditions:
        'three peers, three Raft ordering nodes, one Node chaincode process for each ' +
        `organisation, majority endorsement, ${comparedBatchTimeoutMs} ms batches, ` +
        'client on the same machine',
    });
    // The nodes are no children of this process, and would go on after it.
    return await Promise.race([used, interrupted()]);
  } finally {
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws {Error} once somebody wants this process to end */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.once(signal, () => {
        reject(new Error(`ended by ${signal}`));
      });
    }
  });
}

const addresses = procurement.organizations.map(({ mspId }) => [mspId, { port: 0 }] as const);

const topology: Topology = {
  ...procurement,
  chaincodes: [
    {
      ...{ name, version: '1.0', sequence: 1 },
      endorsementPolicy: '/Channel/Application/Endorsement',
      addresses: Object.fromEntries(addresses),
    },
  ],
};
