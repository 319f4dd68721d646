import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { msp } from '@hyperledger/fabric-protos';
import {
  derTag,
  readDer,
  readDerList,
  readPositive,
  writeDer,
  writeUnsigned,
} from '../../../crypto/der';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import { readAttributes } from '../../../certificates/attributes';
import { parseCertificate } from '../../../certificates/certificate';
import { CertificateAuthority } from '../../../certificates/certificate-authority';
import { issueCertificate } from '../../../certificates/issue-certificate';
import { generateKey, loadKey } from '../../../certificates/key-pair';
import { mspConfigOf } from '../../../certificates/msp-folder';
import { MspError, MspRegistry } from './msp';
import { certifiersOf } from '../../../certificates/organization-msp';
import { serializeIdentity } from '../../../certificates/signing-identity';

let folder = '';
let ca: CertificateAuthority;
let foreign: CertificateAuthority;
let registry: MspRegistry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'msp-'));
  const place = { kind: 'ca', domain: 'alpha.example' } as const;
  ca = await CertificateAuthority.create({ ...place, organizationFolder: join(folder, 'a') });
  foreign = await CertificateAuthority.create({ ...place, organizationFolder: join(folder, 'b') });
  registry = new MspRegistry([configOf(ca, 'AlphaMSP'), configOf(foreign, 'BetaMSP')]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function configOf(authority: CertificateAuthority, mspId: string): msp.MSPConfig {
  const { certificatePem } = authority;
  const roots = { caCertificatePem: certificatePem, tlsCaCertificatePem: certificatePem };
  return mspConfigOf({ mspId, domain: 'alpha.example', ...roots });
}

function caFiles(): { certificateFile: string; keyFile: string } {
  const at = join(folder, 'a', 'ca');
  return {
    certificateFile: join(at, 'ca.alpha.example-cert.pem'),
    keyFile: join(at, 'priv_sk'),
  };
}

function serialized(certificatePem: string, mspId = 'AlphaMSP'): Buffer {
  return serializeIdentity({ mspId, certificatePem });
}

function principal(text: string): msp.MSPPrincipal {
  return parsePolicy(`OR('${text}')`).getIdentitiesList()[0]!;
}

function rolesOf(certificatePem: string): string[] {
  const identity = registry.deserialize(serialized(certificatePem));
  return ['member', 'client', 'peer', 'admin', 'orderer'].filter((role) =>
    identity.satisfies(principal(`AlphaMSP.${role}`)),
  );
}

/** A leaf of the CA with these OUs and dates, which the CA itself would not issue. */
async function oddLeaf(parts: {
  units?: string[];
  notBefore?: Date;
  notAfter?: Date;
}): Promise<string> {
  const { units = ['client'], notBefore = new Date(), notAfter = new Date('2100-01-01') } = parts;
  return issueCertificate({
    subject: [...units.map((unit) => ({ OU: [unit] })), { CN: ['odd'] }],
    issuer: [{ O: ['alpha.example'] }, { CN: ['ca.alpha.example'] }],
    publicKey: generateKey().publicKey,
    signingKey: (await loadKey(caFiles())).privateKey,
    notBefore,
    notAfter,
    extensions: [],
  });
}

describe('an identity of the MSP', () => {
  test('has the one role of its OU, and is a member', async () => {
    for (const role of ['client', 'peer', 'admin', 'orderer'] as const) {
      const { certificatePem } = await ca.enrol({ name: 'x', role });
      expect(rolesOf(certificatePem)).toEqual(['member', role]);
    }
  });

  test('does not satisfy a principal of another MSP', async () => {
    const { certificatePem } = await ca.enrol({ name: 'x', role: 'client' });
    const identity = registry.deserialize(serialized(certificatePem));
    expect(identity.satisfies(principal('BetaMSP.member'))).toBe(false);
  });

  test('is deserialized once and keeps what the certificate says', async () => {
    const { certificatePem } = await ca.enrol({ name: 'x', role: 'client' });
    const one = registry.deserialize(serialized(certificatePem));
    expect(registry.deserialize(serialized(certificatePem))).toBe(one);
    const node = new X509Certificate(certificatePem);
    expect(one.certificateDer).toEqual(node.raw);
    expect(one.certificateHash).toBe(node.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(one.notAfter).toEqual(new Date(node.validTo));
  });

  test('satisfies the principals of its OU, of itself, and of all of several', async () => {
    const { certificatePem } = await ca.enrol({ name: 'x', role: 'client' });
    const identity = registry.deserialize(serialized(certificatePem));
    const unit = new msp.OrganizationUnit();
    unit.setMspIdentifier('AlphaMSP');
    unit.setOrganizationalUnitIdentifier('client');
    const root = parseCertificate(Buffer.from(ca.certificatePem));
    unit.setCertifiersIdentifier(certifiersOf([root, root]));
    const classes = msp.MSPPrincipal.Classification;
    const ofUnit = principalOf(classes.ORGANIZATION_UNIT, unit.serializeBinary());
    const ofSelf = principalOf(classes.IDENTITY, serialized(certificatePem));
    const combined = new msp.CombinedPrincipal();
    combined.setPrincipalsList([ofUnit, ofSelf]);
    const both = principalOf(classes.COMBINED, combined.serializeBinary());
    const none = principalOf(classes.COMBINED, new Uint8Array());
    const nominal = principalOf(classes.ANONYMITY, new Uint8Array());
    const garbage = principalOf(classes.IDENTITY, Buffer.from('garbage'));
    expect(
      [ofUnit, ofSelf, both, none, nominal, garbage].map((p) => identity.satisfies(p)),
    ).toEqual([true, true, true, false, true, false]);
    const other = await ca.enrol({ name: 'y', role: 'client' });
    const another = registry.deserialize(serialized(other.certificatePem));
    expect([ofUnit, ofSelf, both].map((p) => another.satisfies(p))).toEqual([true, false, false]);
  });
});

function principalOf(
  classification: msp.MSPPrincipal.ClassificationMap[keyof msp.MSPPrincipal.ClassificationMap],
  bytes: Uint8Array,
): msp.MSPPrincipal {
  const made = new msp.MSPPrincipal();
  made.setPrincipalClassification(classification);
  made.setPrincipal(bytes);
  return made;
}

describe('an identity is malformed', () => {
  test('when its bytes, its PEM or its certificate do not decode', () => {
    const cases = [Buffer.from([0xff, 0xff]), serialized(''), serialized('no PEM at all')];
    const notBase64 = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    for (const bytes of [...cases, serialized(notBase64)]) {
      expect(() => registry.deserialize(bytes)).toThrow(MspError);
    }
  });

  test('when its MSP is unknown, or its certificate is of another CA', async () => {
    const { certificatePem } = await ca.enrol({ name: 'x', role: 'client' });
    expect(() => registry.deserialize(serialized(certificatePem, 'NoMSP'))).toThrow(/unknown/);
    // Both CAs have the same name, so only the signature tells them apart.
    expect(() => registry.deserialize(serialized(certificatePem, 'BetaMSP'))).toThrow(MspError);
  });

  test('when the certificate is older than its CA', async () => {
    const notBefore = new Date(new X509Certificate(ca.certificatePem).validFrom);
    const older = await oddLeaf({ notBefore: new Date(notBefore.getTime() - 86_400_000) });
    expect(() => registry.deserialize(serialized(older))).toThrow(MspError);
  });

  test('when the certificate was changed', async () => {
    const { certificatePem } = await ca.enrol({ name: 'x', role: 'client' });
    const der = Buffer.from(new X509Certificate(certificatePem).raw);
    const at = der.indexOf('client');
    der.write('peer!!', at);
    const body = der.toString('base64');
    const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    expect(() => registry.deserialize(serialized(pem))).toThrow(MspError);
  });
});

describe('an identity is invalid', () => {
  test.each([[[]], [['client', 'peer']], [['admin', 'client']], [['clerk']]])(
    'with the OUs %j, since not exactly one names a role',
    async (units) => {
      const identity = registry.deserialize(serialized(await oddLeaf({ units })));
      expect(() => {
        registry.validate(identity);
      }).toThrow(MspError);
      expect(identity.satisfies(principal('AlphaMSP.member'))).toBe(false);
      expect(identity.satisfies(principal('AlphaMSP.client'))).toBe(false);
    },
  );

  test('when it is the certificate of the CA itself', () => {
    const identity = registry.deserialize(serialized(ca.certificatePem));
    expect(() => {
      registry.validate(identity);
    }).toThrow(/CA certificate/);
  });

  test('when it comes from elsewhere', async () => {
    const { certificatePem } = await ca.enrol({ name: 'x', role: 'client' });
    const identity = { ...registry.deserialize(serialized(certificatePem)) };
    expect(() => {
      registry.validate(identity);
    }).toThrow(MspError);
  });
});

describe('a certificate', () => {
  test('stays valid for the MSP after it expired, with other OUs beside the role', async () => {
    const notBefore = new Date();
    const expired = await oddLeaf({
      units: ['client', 'department-1'],
      notBefore,
      notAfter: new Date(notBefore.getTime() + 60_000),
    });
    const identity = registry.deserialize(serialized(expired));
    expect(() => {
      registry.validate(identity);
    }).not.toThrow();
    expect(identity.notAfter.getTime()).toBeLessThan(notBefore.getTime() + 61_000);
  });

  test('with a high-S signature of its CA counts as the one with the low-S signature', async () => {
    const { certificatePem } = await ca.enrol({ name: 'x', role: 'client' });
    const low = registry.deserialize(serialized(certificatePem));
    const high = registry.deserialize(serialized(withHighSignature(certificatePem)));
    expect(high.certificateHash).toBe(low.certificateHash);
    expect(high.certificateDer).toEqual(low.certificateDer);
  });

  test('of a user has the subject, key usage and attributes that Fabric CA gives', async () => {
    const attributes = { role: 'officer', agency: 'MoIT' };
    const { certificatePem } = await ca.enrol({ name: 'tashi', role: 'client', attributes });
    const node = new X509Certificate(certificatePem);
    expect(node.subject).toBe('OU=client\nCN=tashi');
    expect(node.issuer).toBe('O=alpha.example\nCN=ca.alpha.example');
    expect(node.ca).toBe(false);
    expect(readAttributes(certificatePem)).toEqual({
      'hf.Affiliation': '',
      'hf.EnrollmentID': 'tashi',
      'hf.Type': 'client',
      ...attributes,
    });
    const json =
      '{"attrs":{"agency":"MoIT","hf.Affiliation":"","hf.EnrollmentID":"tashi",' +
      '"hf.Type":"client","role":"officer"}}';
    expect(node.raw.includes(Buffer.from(json))).toBe(true);
  });

  test('of a node has no attributes', async () => {
    const { certificatePem } = await ca.enrol({ name: 'peer0.alpha.example', role: 'peer' });
    expect(readAttributes(certificatePem)).toEqual({});
  });

  test('for TLS holds for its host and the loopback names', async () => {
    const { certificatePem } = await ca.enrolTlsServer('peer0.alpha.example');
    const node = new X509Certificate(certificatePem);
    expect(node.checkHost('peer0.alpha.example')).toBe('peer0.alpha.example');
    expect(node.checkHost('localhost')).toBe('localhost');
    expect(node.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(node.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(node.checkIssued(new X509Certificate(ca.certificatePem))).toBe(true);
  });

  test('for a TLS client serves no host', async () => {
    const { certificatePem } = await ca.enrolTlsClient('ann@alpha.example');
    const node = new X509Certificate(certificatePem);
    expect(node.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(node.subjectAltName).toBeUndefined();
    expect(node.subject).toBe('CN=ann@alpha.example');
  });
});

function withHighSignature(pem: string): string {
  const outer = readDer(new X509Certificate(pem).raw)!;
  const [, algorithm, signature] = readDerList(outer.content);
  const [r, s] = readDerList(readDer(signature!.content.subarray(1))!.content);
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const high = (order - BigInt(`0x${readPositive(s)!.toString('hex')}`)).toString(16);
  const scalars = [
    writeUnsigned(readPositive(r)!),
    writeUnsigned(Buffer.from(high.padStart(64, '0'), 'hex')),
  ];
  const bits = Buffer.concat([Buffer.of(0), writeDer(derTag.sequence, Buffer.concat(scalars))]);
  const der = writeDer(
    derTag.sequence,
    Buffer.concat([outer.content.subarray(0, algorithm!.end), writeDer(derTag.bitString, bits)]),
  );
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}
