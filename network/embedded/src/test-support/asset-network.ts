import { join } from 'node:path';
import type { Topology } from '../../../topology';
import { startTestNetwork } from '../test-network';
import type { TestNetwork, TestNetworkOptions } from '../test-network';

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
  orderers: [{ organization: 'AuditorMSP', name: 'orderer', port: 0 }],
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

/** Where the asset chaincode is. */
export const assetFolder = join(__dirname, '../../fixtures/asset');

/** Starts a network where every chaincode is the asset contract. */
export function startAssetNetwork(options: Partial<TestNetworkOptions> = {}): Promise<TestNetwork> {
  return startTestNetwork({ topology: assetTopology, chaincodeFolder: assetFolder, ...options });
}
