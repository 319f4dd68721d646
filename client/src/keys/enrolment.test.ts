import 'reflect-metadata';
import { X509Certificate as NodeCertificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { fromUtf8, rawOfDer, utf8 } from '@procurement/protocol';
import { CheckFailed } from '../check';
import { ApiProblem } from '../http';
import {
  importPublicKey,
  isSignatureOf,
  type KeyPair,
  newKeyPair,
  newSigner,
} from '../signing/signer';
import { TestAuthority } from '../test-support/test-authority';
import { certificateFacts, fingerprintOf, renewalDue } from './certificate-facts';
import { CaClient, type CaAnswer, type CaRequest } from './enrolment';

const applicant = { name: 'dorji', mspId: 'VendorMSP' };

let authority: TestAuthority;
let keys: KeyPair;

beforeAll(async () => {
  authority = await TestAuthority.create('VendorMSP');
  keys = await newKeyPair({ extractable: false });
});

/** A CA that certifies what it is asked for, unless it answers something else. */
function clientOf(answer: (request: CaRequest) => Promise<CaAnswer>): CaClient {
  return new CaClient({ transport: answer, roots: { VendorMSP: [authority.rootPem] } });
}

function requestOf({ body }: CaRequest): Pkcs10CertificateRequest {
  return new Pkcs10CertificateRequest(
    (JSON.parse(body) as { certificate_request: string }).certificate_request,
  );
}

async function certified(
  request: CaRequest,
  changes: Partial<Parameters<TestAuthority['certify']>[0]> & { by?: TestAuthority } = {},
): Promise<CaAnswer> {
  const publicKey = await importPublicKey(new Uint8Array(requestOf(request).publicKey.rawData));
  const { by = authority, ...other } = changes;
  const pem = await by.certify({ name: 'dorji', role: 'client', publicKey, ...other });
  return granted(pem);
}

function granted(pem: string): CaAnswer {
  const result = { Cert: Buffer.from(pem).toString('base64') };
  return { status: 201, text: JSON.stringify({ success: true, result, errors: [] }) };
}

describe('an enrolment', () => {
  test('sends a signed request for the key, with name and secret, and nothing of the key', async () => {
    const requests: CaRequest[] = [];
    const client = clientOf((request) => {
      requests.push(request);
      return certified(request, { attributes: { role: 'vendor' } });
    });
    const pem = await client.enrol({ ...applicant, keys, secret: 'se:cret' });
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', uri: '/api/v1/enroll' });
    const [, login = ''] = request!.authorization.split(' ');
    expect(Buffer.from(login, 'base64').toString()).toBe('dorji:se:cret');
    const asked = requestOf(request!);
    expect(await asked.verify()).toBe(true);
    expect(asked.subjectName.getField('CN')).toEqual(['dorji']);
    expect(await certificateFacts(pem)).toMatchObject({
      ...{ role: 'vendor', notAfter: '2036-01-01T00:00:00.000Z' },
    });
  });

  test.each<[string, Parameters<typeof certified>[1], string]>([
    ['another name', { name: 'tshering' }, 'the CA certified another name'],
    ['another role', { role: 'admin' }, 'a certificate of VendorMSP has not the role client'],
  ])('with a certificate for %s is not taken', async (_, changes, sentence) => {
    const client = clientOf((request) => certified(request, changes));
    const enrolment = client.enrol({ ...applicant, keys, secret: 'secret' });
    await expect(enrolment).rejects.toThrow(new CheckFailed(sentence));
  });

  test('with a certificate for another key, or of another CA, is not taken', async () => {
    const { publicKey } = await newKeyPair({ extractable: false });
    const other = clientOf((request) => certified(request, { publicKey }));
    await expect(other.enrol({ ...applicant, keys, secret: 'secret' })).rejects.toThrow(
      'the CA certified another key',
    );
    const by = await TestAuthority.create('VendorMSP');
    const rogue = clientOf((request) => certified(request, { by }));
    await expect(rogue.enrol({ ...applicant, keys, secret: 'secret' })).rejects.toThrow(
      'a certificate of VendorMSP was not issued by a pinned root',
    );
  });

  test('that the CA refuses says so in the words of the CA', async () => {
    const text = JSON.stringify({ success: false, result: '', errors: [{ message: 'used up' }] });
    const client = clientOf(() => Promise.resolve({ status: 401, text }));
    const refused = client.enrol({ ...applicant, keys, secret: 'secret' });
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'CA', status: 401, message: 'CA: The CA refuses: used up' },
    });
    const broken = clientOf(() => Promise.resolve({ status: 502, text: '<html>' }));
    await expect(broken.enrol({ ...applicant, keys, secret: 'secret' })).rejects.toThrow(
      ApiProblem,
    );
  });
});

describe('a renewal', () => {
  test('is signed with the present certificate, over method, path, body and certificate', async () => {
    const present = await authority.certify({ ...applicant, role: 'client', ...keys });
    const requests: CaRequest[] = [];
    const client = clientOf((request) => {
      requests.push(request);
      return certified(request);
    });
    await client.reenrol(
      { ...applicant, keys },
      newSigner({ ...applicant, certificate: present }, keys.privateKey),
    );
    const { authorization, body, uri } = requests[0]!;
    expect(uri).toBe('/api/v1/reenroll');
    const [certificate = '', signature = ''] = authorization.split('.');
    expect(fromUtf8(Buffer.from(certificate, 'base64'))).toBe(present);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const signed = {
      publicKey: keys.publicKey,
      message: utf8(['POST', base64(uri), base64(body), certificate].join('.')),
      signature: new Uint8Array(Buffer.from(signature, 'base64')),
    };
    expect(rawOfDer(signed.signature)).toHaveLength(64);
    expect(await isSignatureOf(signed)).toBe(true);
  });

  test('is due thirty days before the end of the certificate', async () => {
    const notAfter = new Date('2027-01-31T00:00:00Z');
    const pem = await authority.certify({ ...applicant, role: 'client', ...keys, notAfter });
    const facts = await certificateFacts(pem);
    const due = (at: string): string | undefined => renewalDue(facts, Date.parse(at));
    expect(due('2026-12-31T23:59:59Z')).toBeUndefined();
    expect(due('2027-01-01T00:00:00Z')).toContain('in 30 days');
    expect(due('2027-01-30T12:00:00Z')).toContain('in 1 days');
    expect(due('2027-02-01T00:00:00Z')).toContain('ended on 2027-01-31');
  });
});

test('a fingerprint is the one that every other program shows', async () => {
  const expected = new NodeCertificate(authority.rootPem).fingerprint256;
  expect(await fingerprintOf(authority.rootPem)).toBe(expected);
});
