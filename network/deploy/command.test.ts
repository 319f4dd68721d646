import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { createOwnOrganization } from '../certificates/own-organization';
import { packageIdOf, readPackage, readServiceConnection } from '../lifecycle/chaincode-package';
import { topology } from '../topologies/procurement';
import { runRender } from './command';
import { planDeployment } from './deployment';
import { secretsOf } from './kubernetes-secrets';
import { checkManifest, composeFaults } from './test-support/schemas';

describe('npm run render', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'render-'));
    packaging = ['package', '--msp-id', 'VendorMSP', '--out', out(), '--organizations'];
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const readOut = (name: string): Promise<string> => readFile(join(folder, 'out', name), 'utf8');
  const out = (): string => join(folder, 'out');
  let packaging: readonly string[];

  test('writes a Compose file beside all files that it mounts, but keys', async () => {
    const paths = await runRender(['compose', '--out', out()]);
    const text = await readOut('compose.yaml');

    expect(composeFaults(parse(text))).toEqual([]);
    expect(text).toContain('hyperledger/fabric-peer:3.1.5');
    for (const [, path = ''] of text.matchAll(/source: \.\/(\S+)/g)) {
      expect(paths).toContain(join(out(), path));
    }
    for (const path of paths)
      expect(await readFile(path, 'utf8')).not.toMatch(/PRIVATE KEY|latest/);
  });

  test('writes a file of manifests for each organization, and how its Secrets are made', async () => {
    await runRender(['kubernetes', '--out', out(), '--fabric', '2.5.16']);
    const { services } = planDeployment({ topology, fabricVersion: '2.5.16', consensus: 'raft' });
    for (const name of ['ministry', 'vendors', 'auditor']) {
      const documents = parseAllDocuments(await readOut(`${name}.yaml`));
      const script = await readOut(`create-secrets-${name}.sh`);
      const secrets = services
        .filter(({ organization }) => organization === name)
        .flatMap((one) => secretsOf(one));

      expect(documents.length).toBeGreaterThan(15);
      for (const one of documents) checkManifest(one.toJS() as Parameters<typeof checkManifest>[0]);
      expect(script.match(/create secret generic (\S+)/g)).toEqual(
        secrets.map((secret) => `create secret generic ${secret.name}`),
      );
      for (const { key } of secrets.flatMap(({ files }) => files)) {
        expect(script).toContain(key === '' ? '--from-file="' : `--from-file=${key}="`);
      }
    }
  });

  test('takes a topology of one’s own, with SmartBFT', async () => {
    const file = join(folder, 'topology.json');
    await writeFile(file, JSON.stringify({ ...topology, channel: 'roads' }));
    await runRender(['compose', '--out', out(), '--topology', file, '--bft']);
    const document: unknown = parse(await readOut('compose.yaml'));

    expect(document).toMatchObject({
      services: { 'orderer2.auditor.example': expect.any(Object) },
    });
    expect(await readOut('.env.example')).toContain('COMPOSE_PROJECT_NAME=roads\n');
    expect(await readOut('configtx.yaml')).toContain('OrdererType: BFT');
  });

  test('packages the chaincode of an organization as its container is found, from its keys', async () => {
    const home = await createOwnOrganization({ topology, mspId: 'VendorMSP', root: folder });
    const [path = '', idLine, variableLine] = await runRender([...packaging, folder]);
    const bytes = await readFile(path);
    const content = await readPackage(bytes);
    const id = packageIdOf('procurement_1.0', bytes);
    const { services } = planDeployment({ topology, fabricVersion: '3.1.5', consensus: 'raft' });
    const service = services.find((one) => one.kind === 'chaincode' && one.mspId === 'VendorMSP');
    const key = (name: string): Promise<string> =>
      readFile(join(home, 'chaincodes', 'procurement', name), 'utf8');

    expect(path).toBe(join(out(), 'VendorMSP', 'procurement_1.0.tgz'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(content).toMatchObject({ type: 'ccaas', label: 'procurement_1.0' });
    expect(await readServiceConnection(content)).toEqual({
      address: `${service!.host}:${String(service!.ports['grpc'])}`,
      dial_timeout: '3s',
      tls_required: true,
      client_auth_required: true,
      client_key: await key('client.key'),
      client_cert: await key('client.crt'),
      root_cert: await key('ca.crt'),
    });
    expect([idLine, variableLine]).toEqual([
      `package id: ${id}`,
      `PACKAGE_ID_PROCUREMENT_VENDORMSP=${id}`,
    ]);
  });

  test('gives the same package for the same keys, and another for another version', async () => {
    await createOwnOrganization({ topology, mspId: 'VendorMSP', root: folder });
    const first = await runRender([...packaging, folder]);
    const bytes = await readFile(first[0] ?? '');
    await rm(join(folder, 'ordererOrganizations'), { recursive: true, force: true });
    await rm(join(folder, 'peerOrganizations/vendors.example/ca'), { recursive: true });
    await rm(join(folder, 'peerOrganizations/vendors.example/tlsca'), { recursive: true });

    expect(await runRender([...packaging, folder])).toEqual(first);
    expect((await readFile(first[0] ?? '')).equals(bytes)).toBe(true);
    const [path, id] = await runRender([...packaging, folder, '--version', '1.1']);
    expect(path).toBe(join(out(), 'VendorMSP', 'procurement_1.1.tgz'));
    expect(id).toMatch(/^package id: procurement_1\.1:[0-9a-f]{64}$/);
  });

  test('packages nothing without keys, for an organization without a chaincode, or by another name', async () => {
    await expect(runRender([...packaging, folder])).rejects.toMatchObject({
      name: 'CryptoStoreError',
      message: expect.stringContaining('client.crt is missing'),
    });
    const none = { ...topology, chaincodes: [] };
    await writeFile(join(folder, 'none.json'), JSON.stringify(none));
    const without = [...packaging, folder, '--topology', join(folder, 'none.json')];
    await expect(runRender(without)).rejects.toMatchObject({
      name: 'TopologyError',
      message: 'VendorMSP runs no chaincode',
    });
    await createOwnOrganization({ topology, mspId: 'VendorMSP', root: folder });
    const misnamed = [...packaging, folder, '--version', '1/1'];
    await expect(runRender(misnamed)).rejects.toMatchObject({ name: 'ChaincodePackageError' });
  });

  test.each([
    [[], 'UsageError'],
    [['swarm', '--out', 'x'], 'UsageError'],
    [['compose'], 'UsageError'],
    [['package', '--out', 'x', '--organizations', 'x'], 'UsageError'],
    [['package', '--out', 'x', '--msp-id', 'VendorMSP'], 'UsageError'],
    [['package', '--out', 'x', '--organizations', 'x', '--msp-id', 'NobodyMSP'], 'TopologyError'],
    [['compose', '--out', 'x', '--nonsense'], 'UsageError'],
    [['compose', '--out', 'x', '--fabric', 'latest'], 'TopologyError'],
    [['compose', '--out', 'x', '--topology', 'nowhere.json'], 'TopologyError'],
  ])('refuses %j with a %s', async (args, name) => {
    await expect(runRender(args)).rejects.toMatchObject({ name });
  });
});
