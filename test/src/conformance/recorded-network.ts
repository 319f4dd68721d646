import type { Collection, Compat, Organization, Topology } from '@procurement/network/topology';
import type { TestChaincode } from './network-driver';

/** Organizations with a peer, in the order of the recording. */
export const peerMspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

const collection = (
  name: string,
  members: readonly string[],
  rest: Partial<Omit<Collection, 'name' | 'policy'>>,
): Collection => ({
  name,
  policy: `OR(${members.map((mspId) => `'${mspId}.member'`).join(',')})`,
  requiredPeerCount: 0,
  maxPeerCount: members.length,
  blockToLive: 0,
  memberOnlyRead: false,
  memberOnlyWrite: false,
  ...rest,
});

/** The collections of the chaincode `probe`, as the recorded network had them. */
export const recordedCollections: readonly Collection[] = [
  collection('collVendorMinistry', ['VendorMSP', 'MinistryMSP'], {
    memberOnlyRead: true,
    memberOnlyWrite: true,
  }),
  collection('collShort', ['VendorMSP', 'MinistryMSP', 'AuditorMSP'], { blockToLive: 3 }),
  collection('collAuditorPolicy', ['AuditorMSP', 'MinistryMSP'], {
    endorsementPolicy: "OR('AuditorMSP.peer')",
  }),
  collection('collNeedsThree', ['VendorMSP', 'MinistryMSP', 'AuditorMSP'], {
    requiredPeerCount: 3,
  }),
];

const onFirst = {
  channel: 'procurement',
  version: '1',
  sequence: 1,
  fixture: 'probe',
  mspIds: peerMspIds,
} as const;

/** The chaincodes that the recorded network had from the beginning. */
export const recordedChaincodes: readonly TestChaincode[] = [
  {
    ...onFirst,
    name: 'probe',
    endorsementPolicy: "AND('AuditorMSP.peer',OR('MinistryMSP.peer','VendorMSP.peer'))",
    collections: recordedCollections,
  },
  { ...onFirst, name: 'probe2' },
  { ...onFirst, name: 'raw', fixture: 'raw', mspIds: ['MinistryMSP'] },
  {
    ...onFirst,
    name: 'greedy',
    endorsementPolicy: "AND('MinistryMSP.member','MinistryMSP.admin')",
    mspIds: ['MinistryMSP'],
  },
  {
    ...onFirst,
    name: 'greedy3',
    endorsementPolicy: "OutOf(2,'MinistryMSP.peer','VendorMSP.peer','AuditorMSP.peer')",
    mspIds: ['MinistryMSP'],
  },
  { ...onFirst, name: 'probe', channel: 'second' },
];

/** Must be initialized; it comes last, since the recorded network had none of this kind. */
export const chaincodeWithInit: TestChaincode = {
  ...onFirst,
  name: 'needy',
  initRequired: true,
};

/**
 * The recorded network: one ordering node of an organization of its own, and three organizations
 * with a peer each. Its chaincodes stand in `recordedChaincodes`.
 */
export function recordedTopology(compat: Compat): Topology {
  return {
    channel: 'procurement',
    compat,
    batch: {
      timeoutMs: 200,
      maxMessageCount: 500,
      preferredMaxBytes: 2 * 1024 * 1024,
      absoluteMaxBytes: 10 * 1024 * 1024,
    },
    organizations: [
      ...peerMspIds.map((mspId) => ({
        ...organization(mspId),
        peer: { name: 'peer0', port: 0 },
      })),
      organization('OrdererMSP'),
    ],
    orderers: [{ organization: 'OrdererMSP', name: 'orderer', port: 0 }],
    // There only administrators of the auditor are Writers.
    furtherChannels: [
      {
        name: 'second',
        policies: { AuditorMSP: { writers: "OR('AuditorMSP.admin')" } },
        chaincodes: [],
      },
    ],
    chaincodes: [],
  };
}

function organization(mspId: string): Organization {
  const name = mspId.replace('MSP', '').toLowerCase();
  return { name, mspId, domain: `${name}.example`, users: [] };
}
