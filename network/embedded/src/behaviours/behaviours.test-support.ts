import type { Collection, Topology } from '../../../topology';
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

const everybody = "OR('VendorMSP.member', 'MinistryMSP.member', 'AuditorMSP.member')";

/** The recorded topology with the collections of the recording. */
export const privateTopology: Topology = {
  ...recordedTopology,
  chaincodes: recordedTopology.chaincodes.map((one) =>
    one.name === 'asset' ? { ...one, collections: recordedCollections() } : one,
  ),
};

function recordedCollections(): Collection[] {
  const members = "OR('VendorMSP.member', 'MinistryMSP.member')";
  return [
    collection('collVendorMinistry', members, { memberOnlyRead: true, memberOnlyWrite: true }),
    collection('collShort', everybody, { maxPeerCount: 3, blockToLive: 3 }),
    collection('collAuditorPolicy', "OR('AuditorMSP.member', 'MinistryMSP.member')", {
      endorsementPolicy: "OR('AuditorMSP.peer')",
    }),
    collection('collNeedsThree', everybody, { requiredPeerCount: 3, maxPeerCount: 3 }),
  ];
}

function collection(name: string, policy: string, rest: Partial<Collection>): Collection {
  return {
    name,
    policy,
    requiredPeerCount: 0,
    maxPeerCount: 2,
    blockToLive: 0,
    memberOnlyRead: false,
    memberOnlyWrite: false,
    ...rest,
  };
}

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
