import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { topology } from '../topologies/minimal';
import { topology as procurement } from '../topologies/procurement';
import { topology as testNetwork } from '../topologies/test-network';
import { readAttributes } from './attributes';
import type { ConnectionProfile } from './connection-profile';
import { readWalletEntry } from './wallet';
import { createOrLoadCrypto, CryptoStoreError } from './crypto-store';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crypto-store-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The files below a folder of the network, sorted. */
async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(join(folder, path), { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile());
  return files.map((one) => relative(join(folder, path), join(one.parentPath, one.name))).sort();
}

const verifyingMsp = (domain: string): string[] => [
  `msp/cacerts/ca.${domain}-cert.pem`,
  'msp/config.yaml',
  `msp/tlscacerts/tlsca.${domain}-cert.pem`,
];

const signingFolder = (domain: string, name: string, tls: string): string[] => [
  `msp/cacerts/ca.${domain}-cert.pem`,
  'msp/config.yaml',
  'msp/keystore/priv_sk',
  `msp/signcerts/${name}-cert.pem`,
  `msp/tlscacerts/tlsca.${domain}-cert.pem`,
  'tls/ca.crt',
  `tls/${tls}.crt`,
  `tls/${tls}.key`,
];

function orderingFiles(domain: string, hosts: string[]): string[] {
  return [
    `ca/ca.${domain}-cert.pem`,
    ...verifyingMsp(domain),
    ...hosts.flatMap((host) =>
      signingFolder(domain, host, 'server').map((file) => `orderers/${host}/${file}`),
    ),
    `tlsca/tlsca.${domain}-cert.pem`,
  ].map((file) => `ordererOrganizations/${domain}/${file}`);
}

function peerFiles(domain: string, users: string[]): string[] {
  const peer = `peer0.${domain}`;
  return [
    `ca/ca.${domain}-cert.pem`,
    'ca/priv_sk',
    ...verifyingMsp(domain),
    ...signingFolder(domain, peer, 'server').map((file) => `peers/${peer}/${file}`),
    'tlsca/priv_sk',
    `tlsca/tlsca.${domain}-cert.pem`,
    ...users.flatMap((user) => {
      const id = `${user}@${domain}`;
      return signingFolder(domain, id, 'client').map((file) => `users/${id}/${file}`);
    }),
  ].map((file) => `peerOrganizations/${domain}/${file}`);
}

async function faultOf(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CryptoStoreError);
  return (error as CryptoStoreError).message;
}

describe('the crypto folder of a network', () => {
  test('gives the same identities after a restart', async () => {
    const first = await createOrLoadCrypto({ topology, folder });
    const second = await createOrLoadCrypto({ topology, folder });
    for (const mspId of ['AlphaMSP', 'BetaMSP']) {
      expect(second.peer(mspId).identity.serialized).toEqual(first.peer(mspId).identity.serialized);
      expect(second.peer(mspId).tls).toEqual(first.peer(mspId).tls);
      const before = first.organization(mspId);
      const after = second.organization(mspId);
      expect(after.admin.serialized).toEqual(before.admin.serialized);
      expect(Buffer.from(after.mspConfig.serializeBinary())).toEqual(
        Buffer.from(before.mspConfig.serializeBinary()),
      );
    }
    expect(second.orderer.identity.serialized).toEqual(first.orderer.identity.serialized);
    expect(second.orderer.host).toBe('orderer.beta.example');
  });

  test("is laid out as Fabric's test network lays it out", async () => {
    await createOrLoadCrypto({ topology, folder });
    const files = await filesOf('organizations');
    expect(files).toEqual([
      ...orderingFiles('beta.example', ['orderer.beta.example']),
      ...peerFiles('alpha.example', ['Admin', 'ann']),
      ...peerFiles('beta.example', ['Admin', 'bo']),
    ]);
  });

  test('has material for every ordering node, and one CA for an organization with both', async () => {
    await createOrLoadCrypto({ topology: procurement, folder });
    const files = await filesOf('organizations/ordererOrganizations');
    const certificates = files.filter((file) => file.endsWith('/tls/server.crt'));
    expect(certificates.map((file) => file.split('/')[2])).toEqual([
      'orderer.auditor.example',
      'orderer2.auditor.example',
      'orderer.ministry.example',
      'orderer.vendors.example',
    ]);
    const [home, ordering] = ['peerOrganizations', 'ordererOrganizations'].map((kind) =>
      join(folder, 'organizations', kind, 'auditor.example', 'ca'),
    );
    const [certificate, key] = ['ca.auditor.example-cert.pem', 'priv_sk'] as const;
    const copies = [home!, ordering!].map((one) => readFile(join(one, certificate), 'utf8'));
    const [first, second] = await Promise.all(copies);
    expect(second).toBe(first);
    expect([existsSync(join(home!, key)), existsSync(join(ordering!, key))]).toEqual([true, false]);
  });

  test('keeps CAs and users of an organization that only orders in ordererOrganizations', async () => {
    const store = await createOrLoadCrypto({ topology: testNetwork, folder });
    const files = await filesOf('organizations/ordererOrganizations');
    expect(files).toEqual(
      expect.arrayContaining([
        'example.com/ca/priv_sk',
        'example.com/msp/config.yaml',
        'example.com/orderers/orderer.example.com/msp/keystore/priv_sk',
        'example.com/users/Admin@example.com/tls/client.crt',
      ]),
    );
    expect(store.orderer.host).toBe('orderer.example.com');
  });

  test('stands beside what others keep in the folder organizations', async () => {
    const other = join(folder, 'organizations', 'ccp-template.json');
    await mkdir(dirname(other));
    await writeFile(other, '{}');
    await createOrLoadCrypto({ topology, folder });
    await createOrLoadCrypto({ topology, folder });
    expect(await readFile(other, 'utf8')).toBe('{}');
  });

  test('never replaces the keys of another network', async () => {
    const other = join(folder, 'organizations', 'ordererOrganizations');
    await mkdir(other, { recursive: true });
    await writeFile(join(other, 'key'), 'of others');
    const fault = await faultOf(createOrLoadCrypto({ topology, folder }));
    expect(fault).toContain(`${other} is in the way`);
    expect(await readFile(join(other, 'key'), 'utf8')).toBe('of others');
  });

  test('is finished by the next start when the last step was cut short', async () => {
    const first = await createOrLoadCrypto({ topology, folder });
    const root = join(folder, 'organizations');
    await mkdir(`${root}.ready`);
    await rename(join(root, 'peerOrganizations'), join(`${root}.ready`, 'peerOrganizations'));
    const second = await createOrLoadCrypto({ topology, folder });
    expect(second.peer('AlphaMSP').tls).toEqual(first.peer('AlphaMSP').tls);
    expect(existsSync(`${root}.ready`)).toBe(false);
  });

  test('names wallet files after users, with the domain where a name is used twice', async () => {
    const store = await createOrLoadCrypto({ topology: testNetwork, folder });
    expect(await readdir(store.walletFolder)).toEqual([
      'User1@org1.example.com.id',
      'User1@org2.example.com.id',
    ]);
  });

  test('lets nobody but its owner read a private key', async () => {
    await createOrLoadCrypto({ topology, folder });
    const files = await readdir(folder, { recursive: true });
    const secret = files.filter((file) => /priv_sk$|\.key$|\.id$/.test(file));
    expect(secret.length).toBeGreaterThanOrEqual(12);
    for (const file of secret) {
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    }
  });

  test('has a wallet file with the attributes of each user of the topology', async () => {
    const store = await createOrLoadCrypto({ topology, folder });
    const entry = await readWalletEntry(join(store.walletFolder, 'ann.id'));
    expect(entry).toMatchObject({ mspId: 'AlphaMSP', type: 'X.509', version: 1 });
    expect(entry.credentials.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(readAttributes(entry.credentials.certificate)).toEqual({
      'hf.Affiliation': '',
      'hf.EnrollmentID': 'ann',
      'hf.Type': 'client',
      role: 'tester',
    });
    expect(await readdir(store.walletFolder)).toEqual(['ann.id', 'bo.id']);
  });

  test('enrols a user once, however often it is asked', async () => {
    const store = await createOrLoadCrypto({ topology, folder });
    const user = { name: 'cem', type: 'admin', attributes: { role: 'x' } } as const;
    const [one, two] = await Promise.all([
      store.issueUser('AlphaMSP', user),
      store.issueUser('AlphaMSP', user),
    ]);
    expect(two.identity.serialized).toEqual(one.identity.serialized);
    expect(one.walletFile).toBe(join(store.walletFolder, 'cem.id'));
  });

  test('refuses a user of an unknown MSP, a taken name, other attributes and an odd name', async () => {
    const store = await createOrLoadCrypto({ topology, folder });
    const ann = { name: 'ann', type: 'client', attributes: { role: 'tester' } } as const;
    expect(await faultOf(store.issueUser('NoMSP', ann))).toContain('NoMSP');
    expect(await faultOf(store.issueUser('BetaMSP', ann))).toContain('a user of AlphaMSP');
    const other = { ...ann, attributes: { role: 'chief' } };
    expect(await faultOf(store.issueUser('AlphaMSP', other))).toContain('already enrolled');
    const odd = { ...ann, name: '../ann' };
    expect(await faultOf(store.issueUser('AlphaMSP', odd))).toContain('not fit for a file name');
  });

  test('names the file when a key is missing, empty, no key or of another certificate', async () => {
    await createOrLoadCrypto({ topology, folder });
    const home = join(folder, 'organizations', 'peerOrganizations', 'alpha.example');
    const peers = join(home, 'peers', 'peer0.alpha.example');
    const key = join(peers, 'msp', 'keystore', 'priv_sk');
    const good = await readFile(key, 'utf8');
    const load = (): Promise<unknown> => createOrLoadCrypto({ topology, folder });

    await writeFile(key, 'nonsense');
    expect(await faultOf(load())).toBe(`the crypto file ${key} holds no private key`);
    await writeFile(key, '');
    expect(await faultOf(load())).toBe(`the crypto file ${key} is empty`);
    const tlsKey = join(peers, 'tls', 'server.key');
    await writeFile(key, await readFile(tlsKey, 'utf8'));
    expect(await faultOf(load())).toContain(`the crypto file ${key} does not belong to`);
    await unlink(key);
    expect(await faultOf(load())).toBe(`the crypto file ${key} is missing`);
    await writeFile(key, good);
    await expect(load()).resolves.toBeDefined();
  });

  test('is refused when it was made for another network', async () => {
    await createOrLoadCrypto({ topology, folder });
    const [alpha, beta] = topology.organizations;
    const other = { ...topology, organizations: [alpha!, { ...beta!, domain: 'gamma.example' }] };
    expect(await faultOf(createOrLoadCrypto({ topology: other, folder }))).toContain(
      'it has no gamma.example',
    );
  });

  test('is made anew when an earlier start was cut short', async () => {
    await writeFile(join(folder, 'organizations.new'), 'rest of a start that was killed');
    const store = await createOrLoadCrypto({ topology, folder });
    await chmod(folder, 0o700);
    expect(store.organizations.size).toBe(2);
  });
});

describe('the connection profile of an organization', () => {
  test('lists every server by name, with and without discovery', async () => {
    const store = await createOrLoadCrypto({ topology, folder });
    const paths = await store.writeProfiles({
      orderer: { port: 7050 },
      peers: new Map([
        ['AlphaMSP', { port: 7051 }],
        ['BetaMSP', { port: 7052 }],
      ]),
    });
    expect(paths.get('AlphaMSP')).toBe(join(folder, 'profiles', 'AlphaMSP.json'));
    const profile: unknown = JSON.parse(await readFile(paths.get('AlphaMSP')!, 'utf8'));
    const alpha = store.organization('AlphaMSP');
    expect(profile).toMatchObject({
      version: '1.0.0',
      client: { organization: 'alpha' },
      organizations: { alpha: { mspid: 'AlphaMSP', peers: ['peer0.alpha.example'] } },
      orderers: { 'orderer.beta.example': { url: 'grpcs://127.0.0.1:7050' } },
      peers: {
        'peer0.alpha.example': {
          url: 'grpcs://127.0.0.1:7051',
          tlsCACerts: { pem: alpha.tlsRootCertificatePem },
          grpcOptions: { 'ssl-target-name-override': 'peer0.alpha.example' },
        },
      },
      channels: {
        minimal: {
          orderers: ['orderer.beta.example'],
          peers: { 'peer0.beta.example': { endorsingPeer: true, eventSource: true } },
        },
      },
    });
  });

  test('lists every channel with the peers of its members', async () => {
    const furtherChannels = [
      { name: 'aside', organizations: ['BetaMSP'], chaincodes: [] },
      { name: 'both', chaincodes: [] },
    ];
    const store = await createOrLoadCrypto({ topology: { ...topology, furtherChannels }, folder });
    const peers = new Map(['AlphaMSP', 'BetaMSP'].map((mspId) => [mspId, { port: 7051 }]));
    const paths = await store.writeProfiles({ orderer: { port: 7050 }, peers });
    const profile = JSON.parse(await readFile(paths.get('AlphaMSP')!, 'utf8')) as ConnectionProfile;
    const listed = Object.entries(profile.channels).map(([name, one]) => [
      name,
      ...Object.keys(one.peers),
    ]);
    expect(listed).toEqual([
      ['minimal', 'peer0.alpha.example', 'peer0.beta.example'],
      ['aside', 'peer0.beta.example'],
      ['both', 'peer0.alpha.example', 'peer0.beta.example'],
    ]);
  });

  test("is written in the shape of Fabric's test network too, as JSON and YAML", async () => {
    const store = await createOrLoadCrypto({ topology: testNetwork, folder });
    const peers = new Map(['Org1MSP', 'Org2MSP'].map((id, at) => [id, { port: 7051 + at }]));
    await store.writeProfiles({ orderer: { port: 7050 }, peers });
    const path = join(folder, 'organizations/peerOrganizations/org2.example.com/connection-org2');
    const profile: unknown = JSON.parse(await readFile(`${path}.json`, 'utf8'));
    expect(profile).toEqual({
      name: 'mychannel-org2',
      version: '1.0.0',
      client: { organization: 'Org2', connection: { timeout: { peer: { endorser: '300' } } } },
      organizations: {
        Org2: { mspid: 'Org2MSP', peers: ['peer0.org2.example.com'], certificateAuthorities: [] },
      },
      peers: {
        'peer0.org2.example.com': {
          url: 'grpcs://127.0.0.1:7052',
          tlsCACerts: { pem: store.organization('Org2MSP').tlsRootCertificatePem },
          grpcOptions: {
            'ssl-target-name-override': 'peer0.org2.example.com',
            hostnameOverride: 'peer0.org2.example.com',
          },
        },
      },
    });
    expect(parse(await readFile(`${path}.yaml`, 'utf8'))).toEqual(profile);
  });

  test('is refused without the port of a peer', async () => {
    const store = await createOrLoadCrypto({ topology, folder });
    const endpoints = { orderer: { port: 7050 }, peers: new Map<string, { port: number }>() };
    expect(await faultOf(store.writeProfiles(endpoints))).toContain('AlphaMSP');
  });
});
