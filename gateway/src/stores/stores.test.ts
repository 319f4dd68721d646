import { createHash, createPublicKey, verify } from 'node:crypto';
import { on, once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Reject, STORED_BYTES_MAX, storeReceiptMessage } from '@procurement/protocol';
import type { StoreReceipt } from '@procurement/protocol';
import type { S3Place } from '../config/store-settings';
import type { FakeCall } from '../test-support/fake-ledger';
import { GatewayUnderTest } from '../test-support/gateway-under-test';
import { S3Server } from '../test-support/s3-server';
import { newTestPerson } from '../test-support/test-person';
import { openStore } from './open-store';
import type { Store } from './open-store';

const credentials = { accessKeyId: 'store-account', secretAccessKey: 'its secret' };
const bidKey = 'bid/T-1/L1/vendor-1';
const about = `bidKey=${encodeURIComponent(bidKey)}&version=1`;
const sealed = Buffer.from('what a vendor has sealed');
const quota = { bytes: 3 * STORED_BYTES_MAX, count: 100 };
const registered = { vendorId: 'vendor-1' };
const bidding = ({ transaction }: FakeCall): object =>
  transaction === 'tender:get' ? { tenderId: 'T-1', state: 'published' } : {};
const vendor = newTestPerson({ name: 'dorji', mspId: 'VendorMSP', role: 'vendor' });
const officer = newTestPerson({ name: 'karma', mspId: 'MinistryMSP', role: 'officer' });

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

/** A request, and the token that it presents; none where it is empty. */
interface Sent {
  readonly method?: 'PUT' | 'DELETE';
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly problem: Record<string, unknown>;
}

let folder: string;
let s3: S3Server;
let place: S3Place;
const before = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stores-'));
  s3 = await S3Server.listen(credentials);
  place = { bucket: 'sealed', endpoint: s3.url, region: 'us-east-1' };
  process.env['AWS_ACCESS_KEY_ID'] = credentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = credentials.secretAccessKey;
});

afterAll(async () => {
  process.env = before;
  await s3.close();
  await rm(folder, { recursive: true });
});

describe.each(['folder', 'bucket'])("a gateway's store in a %s", (kind) => {
  const gateway = new GatewayUnderTest();
  let home: string;
  let store: Store;
  let url: string;
  let token: string;

  beforeAll(async () => {
    home = path.join(folder, kind);
    store = await opened('AuditorMSP');
    await gateway.start({ store });
    url = await gateway.url();
    ({ token } = await gateway.signIn(vendor, registered));
  });

  beforeEach(() => {
    gateway.ledger.chaincode = bidding;
  });

  afterAll(() => gateway.stop());

  function opened(mspId: string): Promise<Store> {
    return openStore({ folder: home, s3: kind === 'bucket' ? place : undefined, quota }, mspId);
  }

  async function send(address: string, sent: Sent = {}): Promise<Answer> {
    const { as = token, headers = {}, ...init } = sent;
    const response = await fetch(`${url}/api/v1/store/${address}`, {
      ...init,
      headers: { ...(as === '' ? {} : { authorization: `Bearer ${as}` }), ...headers },
    });
    const body = Buffer.from(await response.arrayBuffer());
    const isProblem = response.headers.get('content-type')?.includes('problem+json') === true;
    const problem = isProblem ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, body, problem };
  }

  function put(
    bytes: Uint8Array,
    options: { readonly hash?: string; readonly query?: string; readonly as?: string } = {},
  ): Promise<Answer> {
    const { hash = hashOf(bytes), query = about, as = token } = options;
    const headers = { 'content-type': 'application/octet-stream' };
    const init = { method: 'PUT', body: new Uint8Array(bytes), headers, as } as const;
    return send(`${hash}?${query}`, init);
  }

  async function kept(): Promise<string[]> {
    if (kind === 'bucket') return [...s3.objects.keys()].sort();
    return (await readdir(path.join(home, 'kept')).catch(() => [])).sort();
  }

  async function receipt(answer: Promise<Answer>): Promise<StoreReceipt> {
    const { status, body } = await answer;
    expect(status).toBe(200);
    return JSON.parse(body.toString()) as StoreReceipt;
  }

  function isSigned({ ctHash, ctLen, signature }: StoreReceipt, version: number): boolean {
    const where = { channel: 'procurement', chaincode: 'procurement', bidKey, version };
    const key = { key: Buffer.from(store.key.publicKey, 'base64url'), format: 'der', type: 'spki' };
    return verify(
      'sha256',
      storeReceiptMessage({ ...where, ctHash, ctLen }),
      createPublicKey({ ...key, format: 'der', type: 'spki' }),
      Buffer.from(signature, 'base64url'),
    );
  }

  test('keeps what it signs for, and gives it to whoever has signed in', async () => {
    const signed = await receipt(put(sealed));
    const names = { store: 'store-AuditorMSP', ctHash: hashOf(sealed), ctLen: sealed.length };
    expect(signed).toEqual({ ...names, signature: signed.signature });
    expect([1, 2].map((version) => isSigned(signed, version))).toEqual([true, false]);
    const { token: officers } = await gateway.signIn(officer);
    for (const as of [token, officers]) {
      const { status, headers, body } = await send(hashOf(sealed), { as });
      expect({ status, body }).toEqual({ status: 200, body: sealed });
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': String(sealed.length),
        'content-disposition': `attachment; filename="${hashOf(sealed)}"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
  });

  test('keeps the same bytes once, and signs for each version that asks', async () => {
    const earlier = await kept();
    const signed = await receipt(put(sealed, { query: about.replace('=1', '=2') }));
    expect([1, 2].map((version) => isSigned(signed, version))).toEqual([false, true]);
    expect(await kept()).toEqual(earlier);
  });

  test('takes 64 MiB', async () => {
    const long = Buffer.alloc(STORED_BYTES_MAX, 7);
    expect(await receipt(put(long))).toMatchObject({ ctLen: STORED_BYTES_MAX });
    const { body } = await send(hashOf(long));
    expect(hashOf(body)).toBe(hashOf(long));
  });

  const other = hashOf(Buffer.from('something else'));

  test.each<[string, () => Promise<Answer>, number, object]>([
    [
      'other bytes than the address names',
      () => put(sealed, { hash: other }),
      422,
      { code: 'STORE_HASH', args: { sha256: hashOf(sealed) } },
    ],
    ['nothing', () => put(Buffer.alloc(0)), 400, { code: 'STORE_EMPTY' }],
    [
      'nothing at all, not even a media type',
      () => send(`${other}?${about}`, { method: 'PUT' }),
      400,
      { code: 'STORE_EMPTY' },
    ],
    [
      'what nobody has signed in for',
      () => put(sealed, { as: '' }),
      401,
      { code: 'UNAUTHENTICATED' },
    ],
    [
      'what a service account brings',
      () => put(sealed, { as: 'token-of-vendor-1' }),
      403,
      { code: 'FOR_PEOPLE' },
    ],
    [
      "what an officer brings for a vendor's bid",
      async () => put(sealed, { as: (await gateway.signIn(officer)).token }),
      403,
      { code: 'STORE_BID' },
    ],
    [
      'JSON',
      () =>
        send(`${other}?${about}`, {
          ...{ method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } },
        }),
      415,
      { code: 'MEDIA_TYPE' },
    ],
    [
      'bytes for an address that is no hash',
      () => put(sealed, { hash: '..%2F..%2Fkey.pem' }),
      400,
      { code: 'FORMAT', args: { path: 'ctHash', problem: 'invalid' } },
    ],
    [
      'bytes for no bid',
      () => put(sealed, { query: 'version=1' }),
      400,
      { code: 'FORMAT', args: { path: 'bidKey', problem: 'missing' } },
    ],
    [
      'bytes for a version that none can be',
      () => put(sealed, { query: about.replace('=1', '=0') }),
      400,
      { code: 'FORMAT', args: { path: 'version', problem: 'invalid' } },
    ],
    [
      "bytes for another vendor's bid",
      () => put(sealed, { query: about.replace('vendor-1', 'vendor-2') }),
      403,
      { code: 'STORE_BID', args: { bidKey: 'bid/T-1/L1/vendor-2' } },
    ],
    [
      'what a vendor brings who is in no register',
      async () => put(sealed, { as: (await gateway.signIn(vendor)).token }),
      403,
      { code: 'STORE_BID' },
    ],
    [
      'bytes for a tender that is closed',
      () => {
        gateway.ledger.chaincode = () => ({ tenderId: 'T-1', state: 'closed' });
        return put(sealed);
      },
      409,
      { code: 'STORE_TENDER', args: { tenderId: 'T-1' } },
    ],
    [
      'bytes for a tender that nobody has published',
      () => {
        gateway.ledger.chaincode = () => {
          throw new Reject('NOT_FOUND', { kind: 'tender', id: 'T-2' });
        };
        return put(sealed, { query: about.replace('T-1', 'T-2') });
      },
      409,
      { code: 'STORE_TENDER', args: { tenderId: 'T-2' } },
    ],
    ['another method', () => send(hashOf(sealed), { method: 'DELETE' }), 404, { code: 'NO_ROUTE' }],
  ])('refuses %s, and nothing is left of it', async (_name, asked, status, problem) => {
    const earlier = await kept();
    const answer = await asked();
    expect(answer.status).toBe(status);
    expect(answer.problem).toMatchObject(problem);
    expect(await kept()).toEqual(earlier);
    expect(await readdir(store.incoming)).toEqual([]);
  });

  test.each<[string, Record<string, string>, number, string]>([
    [
      'too much, by its first line',
      { 'content-length': String(STORED_BYTES_MAX + 1) },
      413,
      'STORE_SIZE',
    ],
    ['bytes of unknown number', { 'transfer-encoding': 'chunked' }, 411, 'STORE_LENGTH'],
  ])('refuses %s, without reading it', async (_name, headers, status, code) => {
    const sent = request(`${url}/api/v1/store/${other}?${about}`, {
      method: 'PUT',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
        ...headers,
      },
    });
    sent.on('error', () => undefined);
    sent.write(sealed);
    const [response] = (await once(sent, 'response')) as [
      NodeJS.ReadableStream & { statusCode: number },
    ];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    sent.destroy();
    expect(response.statusCode).toBe(status);
    expect(JSON.parse(Buffer.concat(parts).toString())).toMatchObject({ code });
    expect(await readdir(store.incoming)).toEqual([]);
  });

  test('keeps nothing of what breaks off', async () => {
    const earlier = await kept();
    const sent = request(`${url}/api/v1/store/${hashOf(sealed)}?${about}`, {
      method: 'PUT',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
        'content-length': String(sealed.length + 1),
      },
    });
    sent.on('error', () => undefined);
    sent.write(sealed);
    await arrival(store.incoming, 1);
    sent.destroy();
    await arrival(store.incoming, 0);
    expect(await kept()).toEqual(earlier);
  });

  test('has nothing under a hash that nobody has brought', async () => {
    const { status, problem } = await send(other);
    expect(status).toBe(404);
    expect(problem).toMatchObject({ code: 'STORE_NOT_FOUND', args: { sha256: other } });
  });

  test('gives nothing to whoever has not signed in', async () => {
    const { status, problem } = await send(hashOf(sealed), { as: '' });
    expect({ status, code: problem['code'] }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('has a key of its own, for its owner alone, and the same after a restart', async () => {
    expect((await stat(path.join(home, 'key.pem'))).mode & 0o777).toBe(0o600);
    await writeFile(path.join(store.incoming, 'of an earlier process'), sealed);
    const again = await opened('AuditorMSP');
    expect(again.key.publicKey).toBe(store.key.publicKey);
    expect(await readdir(again.incoming)).toEqual([]);
    const elsewhere = await openStore(
      { folder: `${home}-of-another`, s3: undefined, quota },
      'VendorMSP',
    );
    expect(elsewhere.key.publicKey).not.toBe(store.key.publicKey);
    again.blobs.close();
  });
});

describe('a bucket', () => {
  const gateway = new GatewayUnderTest();
  let store: Store;
  let token: string;
  const headers = { 'content-type': 'application/octet-stream' };

  beforeAll(async () => {
    store = await openStore({ folder: path.join(folder, 'down'), s3: place, quota }, 'MinistryMSP');
    await gateway.start({ store });
    ({ token } = await gateway.signIn(vendor, registered));
    gateway.ledger.chaincode = bidding;
  });

  afterAll(() => gateway.stop());

  async function ask(method: 'PUT' | 'GET'): Promise<{ status: number; code: unknown }> {
    const response = await fetch(`${await gateway.url()}/api/v1/store/${hashOf(sealed)}?${about}`, {
      ...{ method, headers: { ...headers, authorization: `Bearer ${token}` } },
      ...(method === 'PUT' ? { body: new Uint8Array(sealed) } : {}),
    });
    const { code } = (await response.json()) as { readonly code: unknown };
    return { status: response.status, code };
  }

  test('that two stores share keeps apart what is theirs', async () => {
    expect(s3.objects.has(`/sealed/store-AuditorMSP/${hashOf(sealed)}`)).toBe(true);
    expect(await ask('GET')).toEqual({ status: 404, code: 'STORE_NOT_FOUND' });
  });

  test('that does not answer, or lets nobody in, is told as such, and nothing is signed', async () => {
    s3.isDown = true;
    expect(await ask('PUT')).toEqual({ status: 503, code: 'STORE_DOWN' });
    expect(await ask('GET')).toEqual({ status: 503, code: 'STORE_DOWN' });
    s3.isDown = false;
    const locked = await S3Server.listen({ ...credentials, secretAccessKey: 'another' });
    const elsewhere = { ...place, endpoint: locked.url };
    const other = await openStore(
      { folder: path.join(folder, 'other'), s3: elsewhere, quota },
      'VendorMSP',
    );
    await expect(other.blobs.find(hashOf(sealed))).rejects.toThrow('SignatureDoesNotMatch');
    other.blobs.close();
    await locked.close();
    expect(await readdir(store.incoming)).toEqual([]);
  });
});

/** Waits until so many files lie in a folder. */
async function arrival(place: string, count: number): Promise<void> {
  const watcher = watch(place);
  const changes = on(watcher, 'change');
  while ((await readdir(place)).length !== count) await changes.next();
  watcher.close();
}
