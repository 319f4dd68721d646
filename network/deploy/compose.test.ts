import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { topology } from '../topologies/procurement';
import { composeDocument, composeVariables } from './compose';
import type { ComposeDocument, ComposeService } from './compose';
import { planDeployment } from './deployment';
import type { Deployment } from './deployment';
import { composeFaults } from './test-support/schemas';

const raft = planDeployment({ topology, fabricVersion: '2.5.16', consensus: 'raft' });
const bft = planDeployment({ topology, fabricVersion: '3.1.5', consensus: 'bft' });

const cases: readonly [string, Deployment][] = [
  ['Raft on 2.5', raft],
  ['SmartBFT on 3.1', bft],
];

const servicesOf = (document: ComposeDocument): ComposeService[] =>
  Object.values(document.services);

function service(document: ComposeDocument, host: string): ComposeService {
  const found = document.services[host];
  if (!found) throw new Error(`no service ${host}`);
  return found;
}

/** Whether two services are in one network, so that one can reach the other. */
function canMeet(document: ComposeDocument, hosts: readonly [string, string]): boolean {
  const [one, other] = hosts.map((host) => Object.keys(service(document, host).networks));
  return (one ?? []).some((name) => other?.includes(name));
}

describe('a Compose file rendered from the topology', () => {
  test.each(cases)('keeps to the Compose Specification (%s)', (_, deployment) => {
    expect(composeFaults(composeDocument(deployment))).toEqual([]);
  });

  test.each([
    ['a misspelt key', { image: 'a:1', helthcheck: {} }],
    ['a restart policy that is no text', { image: 'a:1', restart: 3 }],
    ['a mount without a type', { image: 'a:1', volumes: [{ source: 'a', target: '/a' }] }],
    ['networks that are a number', { image: 'a:1', networks: 1 }],
  ])('would be refused with %s', (_, broken) => {
    expect(composeFaults({ services: { a: { image: 'a:1' } } })).toEqual([]);
    expect(composeFaults({ services: { a: broken } })).not.toEqual([]);
  });

  test.each(cases)('refers to nothing that is not there (%s)', (_, deployment) => {
    const document = composeDocument(deployment);
    const used = servicesOf(document);
    const rendered = deployment.services.flatMap((one) =>
      one.configuration.map(({ path }) => path),
    );
    const mounts = used.flatMap(({ volumes }) => volumes);
    const files = mounts.filter(({ source }) => source.startsWith('./'));

    expect([...new Set(used.flatMap(({ networks }) => Object.keys(networks)))].sort()).toEqual(
      Object.keys(document.networks).sort(),
    );
    expect(mounts.filter(({ type }) => type === 'volume').map(({ source }) => source)).toEqual(
      Object.keys(document.volumes),
    );
    expect(files.map(({ source }) => source.slice(2))).toEqual(rendered);
    for (const { depends_on: others = {} } of used) {
      for (const host of Object.keys(others)) expect(document.services).toHaveProperty([host]);
    }
  });

  test('has every node of the topology, a chaincode and a gateway for each organization', () => {
    expect(Object.keys(composeDocument(bft).services)).toEqual([
      'orderer.auditor.example',
      'orderer.ministry.example',
      'orderer.vendors.example',
      'orderer2.auditor.example',
      'peer0.ministry.example',
      'peer0.vendors.example',
      'peer0.auditor.example',
      'procurement.ministry.example',
      'procurement.vendors.example',
      'procurement.auditor.example',
      'gateway.ministry.example',
      'gateway.vendors.example',
      'gateway.auditor.example',
    ]);
    expect(Object.keys(composeDocument(raft).services)).not.toContain('orderer2.auditor.example');
  });

  test('names exact images, restarts and checks every container, and lets none write its own', () => {
    for (const one of servicesOf(composeDocument(raft))) {
      expect(one.image).toMatch(
        /^(hyperledger\/fabric-(peer|orderer):2\.5\.16|procurement\/\w+:[0-9.]+)$/,
      );
      expect(one).toMatchObject({
        restart: 'unless-stopped',
        read_only: true,
        cap_drop: ['ALL'],
        healthcheck: { test: expect.arrayContaining(['CMD']), retries: 6 },
      });
    }
  });

  test('mounts keys and configuration read-only, and makes no folder where one is missing', () => {
    const binds = servicesOf(composeDocument(bft)).flatMap(({ volumes }) =>
      volumes.filter(({ type }) => type === 'bind'),
    );

    expect(binds.length).toBeGreaterThan(30);
    for (const bind of binds) {
      expect(bind).toMatchObject({ read_only: true, bind: { create_host_path: false } });
    }
  });

  test('publishes on the loopback address only, and no port that takes transactions to order', () => {
    const document = composeDocument(bft);
    const published = servicesOf(document).flatMap(({ ports = [] }) => ports);

    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(new Set(published).size).toBe(published.length);
    for (const { host, port, secondPort, operationsPort } of bft.plan.orderers) {
      expect(service(document, host).ports).toEqual(
        [secondPort, operationsPort].map((one) => `127.0.0.1:${String(one)}:${String(one)}`),
      );
      expect(published.some((one) => one.endsWith(`:${String(port)}`))).toBe(false);
    }
  });

  test('keeps gateways and chaincodes away from ordering nodes, and chaincodes from all but their peer', () => {
    const document = composeDocument(bft);
    const meet = (one: string, other: string): boolean => canMeet(document, [one, other]);

    expect(meet('gateway.vendors.example', 'peer0.vendors.example')).toBe(true);
    expect(meet('procurement.vendors.example', 'peer0.vendors.example')).toBe(true);
    expect(meet('peer0.vendors.example', 'orderer.auditor.example')).toBe(true);
    for (const { host } of bft.plan.orderers) {
      expect(meet('gateway.vendors.example', host)).toBe(false);
      expect(meet('procurement.vendors.example', host)).toBe(false);
    }
    expect(meet('gateway.vendors.example', 'peer0.auditor.example')).toBe(true);
    expect(meet('procurement.vendors.example', 'peer0.auditor.example')).toBe(false);
    expect(meet('procurement.vendors.example', 'gateway.vendors.example')).toBe(false);
    expect(document.networks['vendors-chaincode']).toEqual({ internal: true });
  });

  test('checks the health of nodes at their operations endpoints', () => {
    for (const { host, operationsPort } of [...bft.plan.peers, ...bft.plan.orderers]) {
      const { healthcheck } = service(composeDocument(bft), host);
      expect(JSON.stringify(healthcheck)).toContain(
        `/dev/tcp/127.0.0.1/${String(operationsPort)} && printf 'GET /healthz`,
      );
    }
  });

  test('starts a chaincode with mutual TLS, and not without its package id', () => {
    const { command } = service(composeDocument(raft), 'procurement.auditor.example');

    expect(command).toEqual(
      expect.arrayContaining([
        '--chaincode-tls-client-cacert-file',
        '${PACKAGE_ID_PROCUREMENT_AUDITORMSP:?the package id that install printed}',
      ]),
    );
    expect(composeVariables(raft)).toContain('PACKAGE_ID_PROCUREMENT_AUDITORMSP=\n');
  });

  test('gives each gateway the profiles of all organizations, and the wallet of its own', () => {
    for (const { mspId, domain } of raft.plan.peers) {
      const gateway = raft.services.find((one) => one.kind === 'gateway' && one.mspId === mspId);
      const profiles = gateway?.configuration.map(({ text }) => JSON.parse(text) as unknown);
      expect(profiles).toEqual(
        raft.plan.peers.map((peer) =>
          expect.objectContaining({
            peers: {
              [peer.host]: {
                url: `grpcs://${peer.host}:${String(peer.port)}`,
                tlsCACerts: { path: `/etc/procurement/tls/${peer.domain}.pem` },
              },
            },
          }),
        ),
      );
      expect(gateway?.material[0]?.source).toBe(`peerOrganizations/${domain}/gateway/wallet`);
      expect(gateway?.environment['PROCUREMENT_RECEIPT_ORGANIZATIONS']).toMatch(
        new RegExp(`^${mspId},\\w+MSP$`),
      );
      expect(gateway?.environment['PROCUREMENT_PUBLIC_URL']).toBe(`http://gateway.${domain}:8080`);
    }
  });

  test('tells each gateway the address where it is published, unless .env has another', () => {
    const document = composeDocument(raft);
    const urls = raft.plan.peers.map(({ domain }) => {
      const { environment, ports } = service(document, `gateway.${domain}`);
      return { url: environment['PROCUREMENT_PUBLIC_URL'], ports };
    });
    expect(urls[1]).toEqual({
      url: '${GATEWAY_URL_VENDORS:-http://127.0.0.1:8081}',
      ports: ['127.0.0.1:8081:8080'],
    });
    expect(new Set(urls.map(({ url }) => url)).size).toBe(raft.plan.peers.length);
    expect(composeVariables(raft)).toContain('GATEWAY_URL_VENDORS=http://127.0.0.1:8081\n');
  });

  test('lets nodes find each other by their host names, at the ports of the topology', () => {
    const [peer] = raft.services.filter(({ kind }) => kind === 'peer');
    const core: unknown = parse(peer?.configuration[0]?.text ?? '');
    const configtx: unknown = parse(raft.configtx);

    expect(core).toMatchObject({
      peer: { address: 'peer0.ministry.example:7051', listenAddress: '0.0.0.0:7051' },
      chaincode: { externalBuilders: [{ path: '/opt/hyperledger/ccaas_builder' }] },
    });
    expect(JSON.stringify(configtx)).toContain('orderer.auditor.example:7050');
    expect(JSON.stringify(configtx)).not.toContain('localhost');
  });
});

describe('a deployment', () => {
  test.each(['latest', '3.1', '2.2.19', '3.1.x'])('takes no version "%s"', (fabricVersion) => {
    expect(() => planDeployment({ topology, fabricVersion, consensus: 'raft' })).toThrow(
      expect.objectContaining({ name: 'TopologyError' }),
    );
  });

  test('has no SmartBFT with Fabric 2.5', () => {
    expect(() => planDeployment({ topology, fabricVersion: '2.5.16', consensus: 'bft' })).toThrow(
      expect.objectContaining({ name: 'TopologyError' }),
    );
  });
});
