import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { x509 } from '../crypto/x509';
import { readAttributes } from '../certificates/attributes';
import { CertificateAuthority } from '../certificates/certificate-authority';
import { writePublic } from '../certificates/crypto-files';
import { createOrLoadCrypto } from '../certificates/crypto-store';
import { HelpAsked } from '../command/command-line';
import { topology as procurement } from '../topologies/procurement';
import { writeMspFolder } from '../certificates/msp-folder';
import { readWalletEntry } from '../certificates/wallet';
import { CertificateOffice } from './certificate-office';
import type { FabricCaServer } from './fabric-ca-server';
import { runIdentity, serveIdentities, usage } from './command';

const environment = { PROCUREMENT_CA_SECRET: 'a secret of the test' };

describe('npm run identity', () => {
  let parent: string;
  let folder: string;
  let wallet: string;
  let ca: CertificateAuthority;
  let tlsCa: CertificateAuthority;
  let server: FabricCaServer;

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'identity-command-'));
    folder = join(parent, 'alpha.example');
    wallet = join(parent, 'wallet');
    const place = { domain: 'alpha.example', organizationFolder: folder };
    ca = await CertificateAuthority.create({ ...place, kind: 'ca' });
    tlsCa = await CertificateAuthority.create({ ...place, kind: 'tlsca' });
    server = await serveIdentities(['serve', '--ca-folder', folder, '--port', '0'], environment);
  });

  afterAll(async () => {
    await server.close();
    await rm(parent, { recursive: true, force: true });
  });

  const atServer = async (...args: string[]): Promise<readonly string[]> => {
    const root = join(parent, 'tls-root.pem');
    await writePublic({ path: root, text: tlsCa.certificatePem });
    return runIdentity([...args, '--ca-url', server.url, '--tls-root', root], environment);
  };

  test('makes the keys of one organization of a topology, once', async () => {
    const root = join(parent, 'organizations');
    const asked = ['create', '--msp-id', 'AuditorMSP', '--organizations', root];
    const [made] = await runIdentity(asked, environment);
    const home = join(root, 'peerOrganizations', 'auditor.example');
    const ordering = join(root, 'ordererOrganizations', 'auditor.example', 'orderers');
    const topology = JSON.stringify(procurement);
    await writePublic({ path: join(parent, 'topology.json'), text: topology });

    expect(made).toBe(`made ${home}`);
    expect(await readdir(root)).toEqual(['ordererOrganizations', 'peerOrganizations']);
    expect(await readdir(join(root, 'peerOrganizations'))).toEqual(['auditor.example']);
    expect(await readdir(ordering)).toEqual([
      'orderer.auditor.example',
      'orderer2.auditor.example',
    ]);
    expect(await readdir(join(home, 'chaincodes', 'procurement'))).toContain('server.key');
    const folder = ['--topology', join(parent, 'topology.json'), '--organizations', root];
    await expect(
      runIdentity(['create', '--msp-id', 'AuditorMSP', ...folder], environment),
    ).rejects.toThrow('is there already: keys are not made a second time');
    await runIdentity(['create', '--msp-id', 'VendorMSP', ...folder], environment);
    await expect(
      runIdentity(['create', '--msp-id', 'NoMSP', ...folder], environment),
    ).rejects.toThrow('no organization of the topology has the MSP id NoMSP');
    // What each made alone is what a network of all of them starts with.
    await runIdentity(['create', '--msp-id', 'MinistryMSP', ...folder], environment);
    const { organizations } = await createOrLoadCrypto({ topology: procurement, folder: parent });
    expect([...organizations.keys()]).toEqual(['MinistryMSP', 'VendorMSP', 'AuditorMSP']);
  });

  test('tells how it is used when it is asked for help', async () => {
    await expect(runIdentity(['--help'], environment)).rejects.toThrow(HelpAsked);
    await expect(runIdentity(['--help'], environment)).rejects.toThrow(usage);
  });

  const credentialsOf = async (name: string): Promise<{ certificate: string }> =>
    (await readWalletEntry(join(wallet, `${name}.id`))).credentials;

  test('registers somebody, and only a file of the owner alone has the secret', async () => {
    const file = join(parent, 'secret');
    const who = ['--name', 'wangmo', '--secret-file', file, '--attribute', 'role=vendor'];
    const lines = await atServer('register', ...who);
    const secret = (await readFile(file, 'utf8')).trim();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(lines.join()).not.toContain(secret);
    const office = await CertificateOffice.open({
      ...{ domain: 'alpha.example', organizationFolder: folder },
    });
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const certificate = await office.certify({ name: 'wangmo', secret }, publicKey);
    expect(readAttributes(certificate)).toMatchObject({ role: 'vendor' });
  });

  test('enrols somebody into a wallet, renews and revokes them, at a CA server', async () => {
    const list = join(parent, 'crl.pem');
    const who = ['--name', 'pema', '--wallet', wallet];
    await atServer('enrol', ...who, '--msp-id', 'AlphaMSP', '--attribute', 'role=officer');
    const first = await credentialsOf('pema');
    await atServer('reenrol', ...who);
    const second = await credentialsOf('pema');
    const lines = await atServer('revoke', '--name', 'pema', '--list', list);

    expect(readAttributes(second.certificate)).toMatchObject({ role: 'officer' });
    expect(second.certificate).not.toBe(first.certificate);
    expect(lines[0]).toBe('revoked 2 certificates');
    expect(new x509.X509Crl(await readFile(list, 'utf8')).entries).toHaveLength(2);
  });

  test('renews the certificate of a node in its MSP folder', async () => {
    const peer = join(parent, 'peer-msp');
    const name = 'peer0.alpha.example';
    const signer = { ...(await ca.enrol({ name, role: 'peer' })), name };
    const roots = {
      mspId: 'AlphaMSP',
      domain: 'alpha.example',
      caCertificatePem: ca.certificatePem,
      tlsCaCertificatePem: tlsCa.certificatePem,
    };
    await writeMspFolder(peer, { roots, signer });
    const written = await atServer('reenrol', '--msp', peer);

    expect(written).toHaveLength(2);
    const file = written[1]?.replace('renewed ', '') ?? '';
    const renewed = new X509Certificate(await readFile(file, 'utf8'));
    expect(renewed.subject).toBe(new X509Certificate(signer.certificatePem).subject);
    expect(renewed.serialNumber).not.toBe(new X509Certificate(signer.certificatePem).serialNumber);
  });

  test('names the CA of a folder, and writes its revocation list', async () => {
    const list = join(parent, 'list.pem');
    const lines = await runIdentity(['info', '--ca-folder', folder], {});
    await runIdentity(['list', '--ca-folder', folder, '--list', list], {});

    expect(lines).toEqual(['CA ca.alpha.example', ca.certificatePem.trimEnd()]);
    expect(await readFile(list, 'utf8')).toContain('BEGIN X509 CRL');
  });

  test.each([
    [[], /^There is no command .*npm run identity/s],
    [['constructor'], /^There is no command .*npm run identity/s],
    [['info', '--nonsense'], /nonsense/],
    [['info'], /--ca-folder or --ca-url/],
    [['list', '--ca-folder', '.'], /^--list is missing/],
    [['info', '--ca-url', 'http://127.0.0.1:1'], /PROCUREMENT_CA_SECRET/],
  ])('says how it is called when it is told %j', async (args, message) => {
    await expect(runIdentity(args, {})).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(message),
    });
  });
});
