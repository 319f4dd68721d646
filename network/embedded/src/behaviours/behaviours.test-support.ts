import type { Topology } from '../../../topology';
import { assetTopology } from '../test-support/asset-network';

/** The chaincodes of the recording: the asset contract everywhere, the others at the ministry. */
export const recordedTopology: Topology = {
  ...assetTopology,
  // Long enough that what is sent together is in one block.
  batch: { ...assetTopology.batch, timeoutMs: 40 },
  chaincodes: [
    ...assetTopology.chaincodes,
    chaincode('majority', '/Channel/Application/Endorsement'),
    chaincode('greedy', "AND('MinistryMSP.member', 'MinistryMSP.admin')"),
    chaincode('two', "OutOf(2, 'MinistryMSP.peer', 'VendorMSP.peer', 'AuditorMSP.peer')"),
  ],
};

function chaincode(name: string, endorsementPolicy: string): Topology['chaincodes'][number] {
  const addresses = { MinistryMSP: { port: 0 } };
  return { name, version: '1.0', sequence: 1, endorsementPolicy, addresses };
}

/** The recorded topology where one chaincode has its next definition. */
export function upgraded(name: string, endorsementPolicy: string): Topology {
  return {
    ...recordedTopology,
    chaincodes: recordedTopology.chaincodes.map((one) =>
      one.name === name ? { ...one, sequence: one.sequence + 1, endorsementPolicy } : one,
    ),
  };
}
