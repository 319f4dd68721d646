import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CertificateAuthority } from '../certificates/certificate-authority';
import type { CertifiedKey } from '../certificates/key-pair';
import { CertificateOffice } from './certificate-office';
import { startFabricCaServer } from './fabric-ca-server';
import type { FabricCaServer } from './fabric-ca-server';
import { FabricCaSource } from './fabric-ca-source';
import { newToken } from './request-token';
import type { SignedRequest } from './request-token';

interface Answer {
  readonly status: number;
  readonly body: { success: boolean; errors: { code: number; message: string }[] };
}

describe('the embedded CA behind Fabric CA’s REST interface', () => {
  let folder: string;
  let server: FabricCaServer;
  let tlsRootPem: string;
  let source: FabricCaSource;
  let ann: CertifiedKey;
  const registrar = { name: 'registrar', secret: 'a:secret with a colon' };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fabric-ca-server-'));
    const place = { domain: 'alpha.example', organizationFolder: folder };
    await CertificateAuthority.create({ ...place, kind: 'ca' });
    const tlsCa = await CertificateAuthority.create({ ...place, kind: 'tlsca' });
    tlsRootPem = tlsCa.certificatePem;
    const office = await CertificateOffice.open(place);
    await office.addRegistrar(registrar);
    const tls = await tlsCa.enrolTlsServer('ca.alpha.example');
    server = await startFabricCaServer({ office, port: 0, tls });
    source = new FabricCaSource({ url: server.url, tlsRootPem, registrar });
    const secret = await source.register({ name: 'ann', type: 'client', attributes: {} });
    ann = await source.enrol({ name: 'ann', secret });
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A request as anybody may send it, over a server without TLS on the same office. */
  async function send(request: SignedRequest, authorization: string): Promise<Answer> {
    const office = await CertificateOffice.open({
      domain: 'alpha.example',
      organizationFolder: folder,
    });
    const plain = await startFabricCaServer({ office, port: 0 });
    try {
      const response = await fetch(new URL(request.uri, plain.url), {
        method: request.method,
        body: request.body,
        headers: { authorization },
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    } finally {
      await plain.close();
    }
  }

  const list = { method: 'POST', uri: '/api/v1/gencrl', body: '{}' };

  test('knows a caller by a token over method, path and body, and by nothing else', async () => {
    const holder = await source.enrol(registrar);
    const tokens = [
      newToken(holder, { ...list, body: '{"caname":"another"}' }),
      newToken(holder, { ...list, uri: '/api/v1/revoke' }),
      newToken({ ...holder, privateKeyPem: ann.privateKeyPem }, list),
      'no token',
      '',
    ];

    expect(await send(list, newToken(holder, list))).toMatchObject({ status: 200 });
    for (const token of tokens) {
      const { status, body } = await send(list, token);
      expect([status, body.success, body.errors[0]?.code]).toEqual([401, false, 20]);
    }
  });

  test('lets only a registrar register, and everybody give up their own certificates', async () => {
    const register = { method: 'POST', uri: '/api/v1/register', body: '{"id":"eve"}' };
    const revoke = { method: 'POST', uri: '/api/v1/revoke', body: '{"id":"registrar"}' };
    const own = { ...revoke, body: '{"id":"ann"}' };

    for (const request of [register, revoke, list]) {
      const { status, body } = await send(request, newToken(ann, request));
      expect([status, body.errors[0]?.code]).toEqual([403, 71]);
    }
    expect(await send(own, newToken(ann, own))).toMatchObject({ status: 200 });
  });

  test('answers what it cannot read with 400, and what it has not got with 404', async () => {
    const login = `Basic ${Buffer.from('ann:wrong').toString('base64')}`;
    const enroll = { method: 'POST', uri: '/api/v1/enroll' };
    for (const body of ['', '[', '{}', '{"certificate_request":"no request"}']) {
      const { status, body: answer } = await send({ ...enroll, body }, login);
      expect([status, answer.errors[0]?.code]).toEqual([400, 5]);
    }
    const unknown = { method: 'POST', uri: '/api/v1/constructor', body: '{}' };
    expect(await send(unknown, login)).toMatchObject({ status: 404, body: { success: false } });
  });

  test('is not reached by a client that trusts another TLS root, or when it is gone', async () => {
    const stranger = new FabricCaSource({ url: server.url, registrar });
    const gone = new FabricCaSource({ url: 'http://127.0.0.1:1', registrar });

    for (const one of [stranger, gone]) {
      await expect(one.caInfo()).rejects.toMatchObject({
        name: 'IdentitySourceError',
        reason: 'unreachable',
      });
    }
  });
});
