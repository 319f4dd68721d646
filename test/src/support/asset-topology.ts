import { join } from 'node:path';
import type { Topology } from '@procurement/network';
import { projectRoot } from '@procurement/tools/start/project-root';

/** The chaincode package with the minimal contract. */
export const assetPackage = join(projectRoot, 'network', 'embedded', 'fixtures', 'asset');

/** Organisations of the networks that run the minimal contract. */
export const assetMspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

/** Three organisations with one user each, `user-<MSP id>`, on any free ports. */
export const assetTopology: Topology = {
  channel: 'procurement',
  batch: {
    timeoutMs: 10,
    maxMessageCount: 200,
    preferredMaxBytes: 512 * 1024,
    absoluteMaxBytes: 1024 * 1024,
  },
  organizations: assetMspIds.map((mspId) => {
    const name = mspId.replace('MSP', '').toLowerCase();
    return {
      name,
      mspId,
      domain: `${name}.example`,
      peer: { name: 'peer0', port: 0 },
      users: [{ name: `user-${mspId}`, type: 'client', attributes: {} }],
    };
  }),
  orderers: [{ organization: 'AuditorMSP', name: 'orderer', port: 0 }],
  chaincodes: [
    {
      name: 'asset',
      version: '1.0',
      sequence: 1,
      endorsementPolicy: "AND('AuditorMSP.peer', OR('MinistryMSP.peer', 'VendorMSP.peer'))",
      addresses: Object.fromEntries(assetMspIds.map((mspId) => [mspId, { port: 0 }])),
    },
  ],
};
