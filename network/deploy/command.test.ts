import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { topology } from '../topologies/procurement';
import { runRender } from './command';
import { planDeployment } from './deployment';
import { secretsOf } from './kubernetes-secrets';
import { checkManifest, composeFaults } from './test-support/schemas';

describe('npm run render', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'render-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const readOut = (name: string): Promise<string> => readFile(join(folder, 'out', name), 'utf8');
  const out = (): string => join(folder, 'out');

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

  test.each([
    [[], 'UsageError'],
    [['swarm', '--out', 'x'], 'UsageError'],
    [['compose'], 'UsageError'],
    [['compose', '--out', 'x', '--nonsense'], 'UsageError'],
    [['compose', '--out', 'x', '--fabric', 'latest'], 'TopologyError'],
    [['compose', '--out', 'x', '--topology', 'nowhere.json'], 'TopologyError'],
  ])('refuses %j with a %s', async (args, name) => {
    await expect(runRender(args)).rejects.toMatchObject({ name });
  });
});
