import type { Topology } from '../topology';
import { withPorts } from '../topology';

const mspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

/** The procurement network of three organizations, at its usual ports (base 7050). */
export const topology: Topology = withPorts(
  {
    channel: 'procurement',
    batch: {
      timeoutMs: 10,
      maxMessageCount: 200,
      preferredMaxBytes: 512 * 1024,
      absoluteMaxBytes: 1024 * 1024,
      cutWhenIdle: true,
    },
    organizations: [
      {
        name: 'ministry',
        mspId: 'MinistryMSP',
        domain: 'ministry.example',
        peer: { name: 'peer0', port: 0 },
        users: [
          { name: 'tashi', type: 'client', attributes: { role: 'officer', agency: 'MoIT' } },
          ...committeeSeats('ministry', 2),
          gatewayOf('ministry'),
        ],
      },
      {
        name: 'vendors',
        mspId: 'VendorMSP',
        domain: 'vendors.example',
        peer: { name: 'peer0', port: 0 },
        users: [
          ...Array.from({ length: 5 }, (_, index) => ({
            name: `vendor-${String(index + 1)}`,
            type: 'client' as const,
            attributes: { role: 'vendor' },
          })),
          ...committeeSeats('association', 1),
          gatewayOf('vendors'),
        ],
      },
      {
        name: 'auditor',
        mspId: 'AuditorMSP',
        domain: 'auditor.example',
        peer: { name: 'peer0', port: 0 },
        users: [
          { name: 'auditor', type: 'client', attributes: { role: 'auditor' } },
          ...committeeSeats('auditor', 2),
          gatewayOf('auditor'),
        ],
      },
    ],
    // The embedded network runs the first; with Raft there are three, with BFT four.
    orderers: [
      { organization: 'AuditorMSP', name: 'orderer', port: 0 },
      { organization: 'MinistryMSP', name: 'orderer', port: 0 },
      { organization: 'VendorMSP', name: 'orderer', port: 0 },
    ],
    bftOrderers: [{ organization: 'AuditorMSP', name: 'orderer2', port: 0 }],
    chaincodes: [
      {
        name: 'procurement',
        version: '1.0',
        sequence: 1,
        endorsementPolicy: "AND('AuditorMSP.peer', OR('MinistryMSP.peer', 'VendorMSP.peer'))",
        tls: 'mutual',
        addresses: Object.fromEntries(mspIds.map((mspId) => [mspId, { port: 0 }])),
      },
    ],
  },
  7050,
);

function committeeSeats(name: string, count: number): Topology['organizations'][number]['users'] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${name}-seat-${String(index + 1)}`,
    type: 'client',
    attributes: { role: 'committee' },
  }));
}

function gatewayOf(organization: string): Topology['organizations'][number]['users'][number] {
  return { name: `gateway-${organization}`, type: 'client', attributes: { role: 'gateway' } };
}
