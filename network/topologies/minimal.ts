import type { Topology } from '../topology';

/** Two organizations and one chaincode under the channel's majority policy, on any free ports. */
export const topology: Topology = {
  channel: 'minimal',
  batch: {
    timeoutMs: 10,
    maxMessageCount: 50,
    preferredMaxBytes: 512 * 1024,
    absoluteMaxBytes: 1024 * 1024,
    cutWhenIdle: true,
  },
  organizations: [
    {
      name: 'alpha',
      mspId: 'AlphaMSP',
      domain: 'alpha.example',
      peer: { name: 'peer0', port: 0 },
      users: [{ name: 'ann', type: 'client', attributes: { role: 'tester' } }],
    },
    {
      name: 'beta',
      mspId: 'BetaMSP',
      domain: 'beta.example',
      peer: { name: 'peer0', port: 0 },
      users: [{ name: 'bo', type: 'client', attributes: {} }],
    },
  ],
  orderers: [{ organization: 'BetaMSP', name: 'orderer', port: 0 }],
  chaincodes: [
    {
      name: 'generic',
      version: '1.0',
      sequence: 1,
      endorsementPolicy: '/Channel/Application/Endorsement',
      addresses: { AlphaMSP: { port: 0 }, BetaMSP: { port: 0 } },
    },
  ],
};
