import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { msp } from '@hyperledger/fabric-protos';
import { x509 } from '../crypto/x509';
import { readAttributes } from '../certificates/attributes';
import { parseCertificate } from '../certificates/certificate';
import { CertificateAuthority } from '../certificates/certificate-authority';
import { mspConfigOf } from '../certificates/msp-folder';
import { OrganizationMsp } from '../certificates/organization-msp';
import type { CertifiedKey } from '../certificates/key-pair';
import { CertificateOffice, serialOf } from './certificate-office';
import { EmbeddedSource } from './embedded-source';
import { startFabricCaServer } from './fabric-ca-server';
import { FabricCaSource } from './fabric-ca-source';
import type { IdentityRefusal, IdentitySource, Registration } from './identity-source';
import { startFabricCaProcess } from './test-support/fabric-ca-process';

const realServer = process.env['FABRIC_CA_BIN'];

interface SourceUnderTest {
  readonly source: IdentitySource;
  close(): Promise<void>;
}

const officer: Omit<Registration, 'name'> = {
  type: 'client',
  attributes: { role: 'officer', agency: 'MoIT' },
};

async function newOffice(): Promise<{ office: CertificateOffice; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'identity-source-'));
  const place = { domain: 'alpha.example', organizationFolder: folder };
  await CertificateAuthority.create({ ...place, kind: 'ca' });
  return {
    office: await CertificateOffice.open(place),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function embeddedSource(): Promise<SourceUnderTest> {
  const { office, remove } = await newOffice();
  return { source: new EmbeddedSource(office), close: remove };
}

async function servedSource(): Promise<SourceUnderTest> {
  const { office, remove } = await newOffice();
  const registrar = { name: 'registrar', secret: 'registrar-secret' };
  await office.addRegistrar(registrar);
  const server = await startFabricCaServer({ office, port: 0 });
  return {
    source: new FabricCaSource({ url: server.url, registrar }),
    close: async () => {
      await server.close();
      await remove();
    },
  };
}

async function fabricCaSource(): Promise<SourceUnderTest> {
  const server = await startFabricCaProcess(realServer ?? '');
  return { source: new FabricCaSource(server.options), close: () => server.close() };
}

describe('the CA in an organization’s folder', () => {
  behavesLikeAnIdentitySource(embeddedSource);
});

describe('the same CA behind Fabric CA’s REST interface', () => {
  behavesLikeAnIdentitySource(servedSource);
});

const describeReal = realServer === undefined ? describe.skip : describe;
describeReal('a Fabric CA server (needs its binary, which FABRIC_CA_BIN names)', () => {
  behavesLikeAnIdentitySource(fabricCaSource);
});

function behavesLikeAnIdentitySource(start: () => Promise<SourceUnderTest>): void {
  let running: SourceUnderTest;
  let source: IdentitySource;

  beforeAll(async () => {
    running = await start();
    source = running.source;
  });

  afterAll(async () => {
    await running.close();
  });

  async function newcomer(name: string): Promise<CertifiedKey & { secret: string }> {
    const secret = await source.register({ ...officer, name });
    return { ...(await source.enrol({ name, secret })), secret };
  }

  const refusal = (reason: IdentityRefusal): object => ({ name: 'IdentitySourceError', reason });

  test('names the CA whose certificate is the root of what it issues', async () => {
    const { name, certificatePem } = await source.caInfo();
    const root = new X509Certificate(certificatePem);
    const issued = new X509Certificate((await newcomer('root')).certificatePem);

    expect(name).toBe('ca.alpha.example');
    expect(root.ca).toBe(true);
    expect(issued.checkIssued(root)).toBe(true);
    expect(issued.verify(root.publicKey)).toBe(true);
  });

  test('puts type, name and attributes into the certificate of a key of its own', async () => {
    const { certificatePem, privateKeyPem } = await newcomer('tashi');
    const certificate = parseCertificate(Buffer.from(certificatePem));
    const subject = new x509.X509Certificate(certificatePem).subjectName;

    expect(subject.getField('CN')).toEqual(['tashi']);
    expect(certificate.organizationalUnits).toEqual(['client']);
    expect(privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(readAttributes(certificatePem)).toEqual({
      agency: 'MoIT',
      'hf.Affiliation': '',
      'hf.EnrollmentID': 'tashi',
      'hf.Type': 'client',
      role: 'officer',
    });
  });

  test.each(['client', 'peer', 'admin', 'orderer'] as const)(
    'enrols a %s whom an MSP with the CA as its root takes for one',
    async (type) => {
      const name = `one-${type}`;
      const secret = await source.register({ name, type, attributes: {} });
      const { certificatePem } = await source.enrol({ name, secret });
      const certificate = parseCertificate(Buffer.from(certificatePem));
      const organization = await mspOf(source);

      organization.validate(organization.chainOf(certificate));
      expect(organization.hasRole(certificate, type)).toBe(true);
    },
  );

  test('takes a secret that the registrar chose, as often as was allowed', async () => {
    const login = { name: 'once', secret: 'chosen-by-the-registrar' };
    const given = await source.register({ ...officer, ...login, maxEnrolments: 1 });
    await source.enrol(login);

    expect(given).toBe(login.secret);
    await expect(source.enrol(login)).rejects.toMatchObject(refusal('unauthenticated'));
  });

  test('registers a name once', async () => {
    await source.register({ ...officer, name: 'twice' });

    await expect(source.register({ ...officer, name: 'twice' })).rejects.toMatchObject(
      refusal('already-registered'),
    );
  });

  test('enrols nobody with a wrong secret or an unknown name', async () => {
    await source.register({ ...officer, name: 'known' });

    for (const name of ['known', 'unknown']) {
      await expect(source.enrol({ name, secret: 'wrong' })).rejects.toMatchObject(
        refusal('unauthenticated'),
      );
    }
  });

  test('renews a certificate with a new key, and the old one stays good', async () => {
    const first = await newcomer('renewed');
    const second = await source.reenrol(first);
    const again = await source.reenrol(first);

    expect(second.privateKeyPem).not.toBe(first.privateKeyPem);
    expect(subjectOf(second)).toBe(subjectOf(first));
    expect(readAttributes(second.certificatePem)).toEqual(readAttributes(first.certificatePem));
    expect(new Set([first, second, again].map(serial)).size).toBe(3);
  });

  test('revokes a name with all its certificates, and enrols it no more', async () => {
    const first = await newcomer('gone');
    const second = await source.reenrol(first);
    const { serials, revocationListPem } = await source.revoke({ name: 'gone' });

    expect([...serials].sort()).toEqual([first, second].map(serial).sort());
    expect(await listedSerials(source, revocationListPem)).toEqual(
      expect.arrayContaining([first, second].map(serial)),
    );
    await expect(source.enrol({ name: 'gone', secret: first.secret })).rejects.toMatchObject(
      refusal('unauthenticated'),
    );
    await expect(source.reenrol(second)).rejects.toMatchObject(refusal('unauthenticated'));
  });

  test('revokes one certificate and leaves the others of the name', async () => {
    const lost = await newcomer('lost-a-key');
    const kept = await source.reenrol(lost);
    const { serials } = await source.revoke({ certificatePem: lost.certificatePem });
    const listed = await listedSerials(source, await source.revocationList());

    expect(serials).toEqual([serial(lost)]);
    expect(listed).toContain(serial(lost));
    expect(listed).not.toContain(serial(kept));
    await expect(source.reenrol(lost)).rejects.toMatchObject(refusal('unauthenticated'));
    await expect(source.reenrol(kept)).resolves.toMatchObject({
      certificatePem: expect.stringContaining('BEGIN CERTIFICATE'),
    });
  });

  test('says that there is nothing to revoke', async () => {
    const { certificatePem } = await newcomer('revoked-twice');
    await source.revoke({ certificatePem });

    await expect(source.revoke({ certificatePem })).rejects.toMatchObject(
      refusal('already-revoked'),
    );
    await expect(source.revoke({ name: 'nobody' })).rejects.toMatchObject(refusal('not-found'));
  });
}

async function mspOf(source: IdentitySource): Promise<OrganizationMsp> {
  const { certificatePem } = await source.caInfo();
  const config = mspConfigOf({
    mspId: 'AlphaMSP',
    domain: 'alpha.example',
    caCertificatePem: certificatePem,
    tlsCaCertificatePem: certificatePem,
  });
  return new OrganizationMsp(msp.FabricMSPConfig.deserializeBinary(config.getConfig_asU8()));
}

async function listedSerials(source: IdentitySource, pem: string): Promise<string[]> {
  const list = new x509.X509Crl(pem);
  const root = new x509.X509Certificate((await source.caInfo()).certificatePem);

  expect(await list.verify({ publicKey: root.publicKey })).toBe(true);
  expect(list.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(
    root.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
  );
  return list.entries.map((entry) => entry.serialNumber.replace(/^0+/, ''));
}

function serial(key: CertifiedKey): string {
  return serialOf(new X509Certificate(key.certificatePem));
}

function subjectOf(key: CertifiedKey): string {
  return new X509Certificate(key.certificatePem).subject;
}
