import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { topology as minimal } from '../topologies/minimal';
import { topology } from '../topologies/procurement';
import type { Compat } from '../topology';
import { planNetwork } from './network-plan';
import type { Consensus } from './network-plan';
import { writeConfiguration } from './write-configuration';
import type { NativePaths } from './write-configuration';

interface Tree {
  readonly [name: string]: Tree;
}

describe('the configuration of a native network', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fabric-configuration-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function rendered(consensus: Consensus, fabric: Compat): Promise<(file: string) => Tree> {
    const root = join(folder, `${consensus}-${fabric}`);
    const plan = planNetwork({ topology, consensus });
    const paths = pathsIn(root);
    await writeConfiguration({ plan, paths, fabric, builderFolder: '/builders/ccaas' });
    const files = ['configtx.yaml', ...[...plan.peers, ...plan.orderers].map(fileOf)];
    const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
    const documents = new Map(
      files.map((file, index) => [file, parse(texts[index] ?? '') as Tree]),
    );
    return (file) => {
      const found = documents.get(file);
      if (!found) throw new Error(`${file} was not written`);
      return found;
    };
  }

  async function profile(consensus: Consensus): Promise<Tree> {
    const read = await rendered(consensus, '3.1');
    return read('configtx.yaml')['Profiles']!['procurement']!;
  }

  describe('configtx.yaml', () => {
    test('names the three organizations as members, with the policies of the topology', async () => {
      const { Application } = await profile('raft');
      const members = Application!['Organizations'] as unknown as Tree[];
      expect(members.map(({ ID }) => ID)).toEqual(['MinistryMSP', 'VendorMSP', 'AuditorMSP']);
      expect(members[0]).toEqual({
        Name: 'MinistryMSP',
        ID: 'MinistryMSP',
        MSPDir: '/msp/MinistryMSP',
        Policies: {
          Readers: signed("OR('MinistryMSP.admin', 'MinistryMSP.peer', 'MinistryMSP.client')"),
          Writers: signed("OR('MinistryMSP.admin', 'MinistryMSP.client')"),
          Admins: signed("OR('MinistryMSP.admin')"),
          Endorsement: signed("OR('MinistryMSP.peer')"),
        },
        AnchorPeers: [{ Host: 'localhost', Port: 7051 }],
      });
    });

    test('has the members apart too, as configtxgen prints one that is to join', async () => {
      const read = await rendered('raft', '3.1');
      const { Application } = await profile('raft');
      expect(read('configtx.yaml')['Organizations']).toEqual(Application!['Organizations']);
    });

    test('asks a majority for chaincode definitions and changes, as the embedded one', async () => {
      const { Application, Policies, Orderer } = await profile('raft');
      const meta = {
        Readers: implicit('ANY Readers'),
        Writers: implicit('ANY Writers'),
        Admins: implicit('MAJORITY Admins'),
      };
      expect(Policies).toEqual(meta);
      expect(Application!['Policies']).toEqual({
        ...meta,
        Endorsement: implicit('MAJORITY Endorsement'),
        LifecycleEndorsement: implicit('MAJORITY Endorsement'),
      });
      expect(Orderer!['Policies']).toEqual({ ...meta, BlockValidation: implicit('ANY Writers') });
    });

    test('lets only ordering nodes and admins through the ordering organizations', async () => {
      const { Orderer } = await profile('raft');
      for (const one of Orderer!['Organizations'] as unknown as Tree[]) {
        const mspId = one['ID'] as unknown as string;
        expect(one['Policies']).toEqual({
          Readers: signed(`OR('${mspId}.orderer', '${mspId}.admin')`),
          Writers: signed(`OR('${mspId}.orderer', '${mspId}.admin')`),
          Admins: signed(`OR('${mspId}.admin')`),
        });
      }
    });

    test('has three Raft orderers, one for each organization', async () => {
      const { Orderer, Capabilities, Application } = await profile('raft');
      expect(Orderer!['OrdererType']).toBe('etcdraft');
      expect(Orderer!['EtcdRaft']!['Consenters']).toEqual(
        [
          ['orderer.auditor.example', 7050],
          ['orderer.ministry.example', 7057],
          ['orderer.vendors.example', 7058],
        ].map(([host, Port]) => ({
          ...{ Host: 'localhost', Port },
          ClientTLSCert: `/tls/${String(host)}`,
          ServerTLSCert: `/tls/${String(host)}`,
        })),
      );
      expect(Orderer!['Organizations']).toMatchObject([
        { ID: 'MinistryMSP', OrdererEndpoints: ['localhost:7057'] },
        { ID: 'VendorMSP', OrdererEndpoints: ['localhost:7058'] },
        { ID: 'AuditorMSP', OrdererEndpoints: ['localhost:7050'] },
      ]);
      expect(Orderer).not.toHaveProperty('ConsenterMapping');
      expect(Capabilities).toEqual({ V2_0: true });
      expect(Orderer!['Capabilities']).toEqual({ V2_0: true });
      expect(Application!['Capabilities']).toEqual({ V2_5: true });
    });

    test('has four SmartBFT orderers, the fourth a second one of the auditor', async () => {
      const { Orderer, Capabilities } = await profile('bft');
      expect(Orderer!['OrdererType']).toBe('BFT');
      const mapping = Orderer!['ConsenterMapping'] as unknown as Tree[];
      expect(mapping.map(({ ID, MSPID, Port }) => [ID, MSPID, Port])).toEqual([
        [1, 'AuditorMSP', 7050],
        [2, 'MinistryMSP', 7057],
        [3, 'VendorMSP', 7058],
        [4, 'AuditorMSP', 7059],
      ]);
      expect(mapping[3]).toMatchObject({ Identity: '/sign/orderer2.auditor.example' });
      expect(Orderer!['SmartBFT']).toMatchObject({ RequestBatchMaxInterval: '500ms' });
      expect(Orderer!['Organizations']).toMatchObject([
        ...[{ ID: 'MinistryMSP' }, { ID: 'VendorMSP' }],
        { ID: 'AuditorMSP', OrdererEndpoints: ['localhost:7050', 'localhost:7059'] },
      ]);
      expect(Orderer).not.toHaveProperty('EtcdRaft');
      expect(Capabilities).toEqual({ V3_0: true });
    });

    test.each(['raft', 'bft'] as const)('cuts blocks that fit real nodes (%s)', async (kind) => {
      const { Orderer } = await profile(kind);
      expect(Orderer).toMatchObject({
        BatchTimeout: '500ms',
        BatchSize: {
          ...{ MaxMessageCount: 200, AbsoluteMaxBytes: 1_048_576, PreferredMaxBytes: 524_288 },
        },
      });
    });
  });

  describe("a peer's core.yaml", () => {
    test('keeps every server on the loopback address, each at a port of its own', async () => {
      const read = await rendered('raft', '3.1');
      const core = read('peer0.vendors.example/core.yaml');
      expect(core).toMatchObject({
        peer: {
          ...{ id: 'peer0.vendors.example', localMspId: 'VendorMSP' },
          ...{ listenAddress: '127.0.0.1:7052', chaincodeListenAddress: '127.0.0.1:7252' },
          gossip: {
            ...{ bootstrap: 'localhost:7052', externalEndpoint: 'localhost:7052' },
            ...{ useLeaderElection: false, orgLeader: true, state: { enabled: false } },
          },
          tls: { enabled: true, key: { file: '/nodes/peer0.vendors.example/tls/server.key' } },
        },
        operations: { listenAddress: '127.0.0.1:7152' },
      });
    });

    test('bounds time, calls and chaincodes', async () => {
      const read = await rendered('raft', '3.1');
      expect(read('peer0.ministry.example/core.yaml')).toMatchObject({
        peer: {
          authentication: { timewindow: '60s' },
          limits: {
            concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 500 },
          },
        },
        chaincode: { executetimeout: '10s', keepalive: 0 },
        ledger: { state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 } },
      });
    });

    test('starts chaincode by the ccaas builder and never by Docker', async () => {
      const read = await rendered('raft', '3.1');
      const { chaincode, vm } = read('peer0.ministry.example/core.yaml');
      expect(chaincode!['externalBuilders']).toMatchObject([{ path: '/builders/ccaas' }]);
      expect(vm).toEqual({ endpoint: '' });
    });

    test.each([
      ['2.5', ['DefaultAuth', 'ExpirationCheck']],
      ['3.1', ['DefaultAuth', 'ExpirationCheck', 'TimeWindowCheck']],
    ] as const)('has the filters that Fabric %s knows', async (fabric, names) => {
      const read = await rendered('raft', fabric);
      const { peer } = read('peer0.ministry.example/core.yaml');
      expect(peer!['handlers']!['authFilters']).toEqual(names.map((name) => ({ name })));
    });
  });

  describe("an ordering node's orderer.yaml", () => {
    test('asks for a certificate of its own organization at the admin endpoint', async () => {
      const read = await rendered('bft', '3.1');
      expect(read('orderer2.auditor.example/orderer.yaml')).toMatchObject({
        General: {
          ...{ ListenAddress: '127.0.0.1', ListenPort: 7059, LocalMSPID: 'AuditorMSP' },
          ...{ BootstrapMethod: 'none', Authentication: { TimeWindow: '60s' } },
        },
        Admin: {
          ListenAddress: '127.0.0.1:7259',
          TLS: {
            ...{ Enabled: true, ClientAuthRequired: true },
            ClientRootCAs: ['/nodes/orderer2.auditor.example/tls/ca.crt'],
          },
        },
        Operations: { ListenAddress: '127.0.0.1:7159' },
        ChannelParticipation: { Enabled: true },
      });
    });

    test('keeps its ledger and its log of agreement in its own folder', async () => {
      const read = await rendered('raft', '2.5');
      expect(read('orderer.auditor.example/orderer.yaml')).toMatchObject({
        FileLedger: { Location: '/nodes/orderer.auditor.example/data/ledger' },
        Consensus: { WALDir: '/nodes/orderer.auditor.example/data/consensus/wal' },
      });
    });
  });

  test('is refused where a port is left open or SmartBFT has too few nodes', () => {
    expect(() => planNetwork({ topology: minimal, consensus: 'raft' })).toThrow(/port 0/);
    const three = { ...topology, bftOrderers: [] };
    expect(() => planNetwork({ topology: three, consensus: 'bft' })).toThrow(/needs 4 ordering/);
  });
});

function pathsIn(root: string): NativePaths {
  return {
    configtxFolder: root,
    configurationFolder: (node) => join(root, node.host),
    organizationMsp: (mspId) => `/msp/${mspId}`,
    signingCertificate: (node) => `/sign/${node.host}`,
    tlsCertificate: (node) => `/tls/${node.host}`,
    nodeFolders: (node) => ({
      ...{ msp: `/nodes/${node.host}/msp`, tls: `/nodes/${node.host}/tls` },
      data: `/nodes/${node.host}/data`,
    }),
  };
}

function fileOf(node: { kind: 'peer' | 'orderer'; host: string }): string {
  return join(node.host, node.kind === 'peer' ? 'core.yaml' : 'orderer.yaml');
}

function signed(rule: string): object {
  return { Type: 'Signature', Rule: rule };
}

function implicit(rule: string): object {
  return { Type: 'ImplicitMeta', Rule: rule };
}
