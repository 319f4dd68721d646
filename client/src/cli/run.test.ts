import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fromBase64url, toBase64url } from '@procurement/protocol';
import {
  checkRegistration,
  checkShares,
  type Envelope,
  freezeCommittee,
  openOwnBid,
  ready,
  verifyDeal,
} from '@procurement/sealed';
import type { OpeningKey, SharesPosting } from '../officer';
import type { BidSecret, BidSubmission } from '../sealing';
import { type FakeGateway, startFakeGateway } from '../test-support/fake-gateway';
import { closedWith, type FakeTender, newFakeTender, spkiOf } from '../test-support/fake-tender';
import { run } from './run';

const outcome = { result: {}, transactionId: 'b'.repeat(64), blockNumber: '7', repeated: false };
const bid = {
  lotId: 'L1',
  lines: [{ itemId: 'I1', quantity: '10', rate: '500', amount: '5000' }],
  total: '5000',
};

let folder: string;
let gateway: FakeGateway;
let fake: FakeTender;

beforeEach(async () => {
  await ready();
  folder = mkdtempSync(join(tmpdir(), 'procure-'));
  gateway = await startFakeGateway();
  fake = await newFakeTender();
  gateway.routes.set('GET /tenders/T-1', { body: fake.tender });
  gateway.routes.set('GET /tenders/T-1/committee', { body: fake.view });
  gateway.routes.set('GET /tenders/T-1/bids', {
    body: { tenderId: 'T-1', complete: false, bids: [] },
  });
  callerIs({ mspId: 'VendorMSP', role: 'vendor', spki: spkiOf(9), vendorId: 'vendor-1' });
  writeFileSync(path('bid.json'), JSON.stringify(bid));
});

afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

function path(name: string): string {
  return join(folder, name);
}

function callerIs(me: object): void {
  gateway.routes.set('GET /me', { body: me });
}

function written(name: string): unknown {
  return JSON.parse(readFileSync(path(name), 'utf8'));
}

async function procure(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run([...args, '--url', gateway.baseUrl, '--token', 'secret-token'], {
    env: {},
    print: (line) => void out.push(line),
    printError: (text) => void err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('') };
}

async function sealed(): Promise<{ submission: BidSubmission; secret: BidSecret }> {
  expect(await procure('seal', 'T-1', path('bid.json'))).toMatchObject({ code: 0, err: '' });
  const submission = written('bid.envelope.json') as BidSubmission;
  return { submission, secret: written('bid.secret.json') as BidSecret };
}

describe('procure seal', () => {
  test('writes an envelope that the ledger takes and a secret that opens it', async () => {
    const { submission, secret } = await sealed();
    const committee = freezeCommittee({ ...fake.view, keys: fake.view.records });
    const envelope = submission.envelope as Envelope;
    expect(verifyDeal({ committee, bid: secret.bid, envelope }).envelopeHash).toBe(
      secret.envelopeHash,
    );
    expect(submission).toMatchObject({ lotId: 'L1', version: 1, noticeHash: fake.view.noticeHash });
    const seed = fromBase64url(secret.seed);
    const opened = await openOwnBid({ committee, bid: secret.bid, envelope, seed });
    const text = opened.state === 'OPENED' ? new TextDecoder().decode(opened.plain) : '';
    expect(JSON.parse(text)).toMatchObject({ ...bid, vendorId: 'vendor-1', documents: [] });
    expect(gateway.requests.every(({ authorization }) => authorization === 'Bearer secret-token'));
  });

  test('keeps the secret for its owner and overwrites nothing', async () => {
    await sealed();
    expect(statSync(path('bid.secret.json')).mode & 0o777).toBe(0o600);
    const again = await procure('seal', 'T-1', path('bid.json'));
    expect(again).toMatchObject({ code: 6 });
    expect(again.err).toContain('not overwritten');
  });

  test('submits at once if asked, and replaces with the next version', async () => {
    const earlier = { lotId: 'L1', vendorId: 'vendor-1', version: 4 };
    gateway.routes.set('GET /tenders/T-1/bids', { body: { bids: [earlier] } });
    gateway.routes.set('POST /tenders/T-1/bids', { body: outcome });
    const { code, out } = await procure('seal', 'T-1', path('bid.json'), '--submit');
    expect(code).toBe(0);
    expect(out).toContain('block 7');
    expect(gateway.requests.at(-1)).toMatchObject({ body: { version: 5, lotId: 'L1' } });
  });

  test('stops with code 5 where the gateway shows another committee, notice or lot', async () => {
    const other = await newFakeTender();
    gateway.routes.set('GET /tenders/T-1/committee', { body: other.view });
    expect(await procure('seal', 'T-1', path('bid.json'))).toMatchObject({
      code: 5,
      err: 'procure: check failed: the committee shown is not the one that was frozen\n',
    });
    gateway.routes.set('GET /tenders/T-1/committee', { body: fake.view });
    gateway.routes.set('GET /tenders/T-1', { body: { ...fake.tender, title: 'Another road' } });
    expect(await procure('seal', 'T-1', path('bid.json'))).toMatchObject({
      code: 5,
      err: 'procure: check failed: the tender shown is not the notice published\n',
    });
    gateway.routes.set('GET /tenders/T-1', { body: fake.tender });
    writeFileSync(path('bid.json'), JSON.stringify({ ...bid, lotId: 'L9' }));
    expect(await procure('seal', 'T-1', path('bid.json'))).toMatchObject({ code: 5 });
    writeFileSync(path('bid.json'), JSON.stringify({ ...bid, currency: 'USD' }));
    expect((await procure('seal', 'T-1', path('bid.json'))).err).toContain('currency "USD"');
    expect(gateway.requests.some(({ route }) => route.startsWith('POST'))).toBe(false);
  });

  test('stops with code 5 where a second gateway tells of another committee', async () => {
    const second = await startFakeGateway();
    const other = await newFakeTender();
    second.routes.set('GET /tenders/T-1', { body: other.tender });
    second.routes.set('GET /tenders/T-1/committee', { body: other.view });
    writeFileSync(path('witness.token'), 'other-token\n');
    const witness = [
      '--witness-url',
      second.baseUrl,
      '--witness-token-file',
      path('witness.token'),
    ];
    const result = await procure('seal', 'T-1', path('bid.json'), ...witness);
    expect(result).toMatchObject({ code: 5 });
    expect(result.err).toContain('different committees');
    expect(second.requests[0]?.authorization).toBe('Bearer other-token');
    await second.close();
  });
});

describe('procure committee-key', () => {
  test('makes a key that the ledger takes for the seat of the caller', async () => {
    callerIs({ mspId: 'AuditorMSP', role: 'committee', spki: spkiOf(2) });
    gateway.routes.set('POST /tenders/T-1/committee-keys', { body: outcome });
    const files = ['--key', path('key.json'), '--out', path('record.json')];
    const result = await procure('committee-key', 'T-1', ...files, '--register');
    expect(result).toMatchObject({ code: 0, err: '' });
    const { key } = written('record.json') as { key: { y: string } };
    const signer = { mspId: 'AuditorMSP', spki: spkiOf(2) };
    const registered = await checkRegistration({
      tender: fake.view,
      key,
      signer,
      appointments: fake.tender.committee.seats,
      isKeyTaken: () => Promise.resolve(false),
    });
    expect(registered.seat).toBe(2);
    expect(statSync(path('key.json')).mode & 0o777).toBe(0o600);
    expect(written('key.json')).toMatchObject({ schema: 'opening-key/1', y: key.y, seat: 2 });
    expect(gateway.requests.at(-1)?.body).toEqual(written('record.json'));
  });

  test('stops with code 5 for whom the tender does not appoint', async () => {
    expect(await procure('committee-key', 'T-1')).toMatchObject({ code: 5 });
  });
});

describe('procure open', () => {
  async function closed(): Promise<ReturnType<typeof closedWith>> {
    const { submission, secret } = await sealed();
    const listed = { ...submission, ...secret.bid, envelopeHash: secret.envelopeHash };
    const after = closedWith(fake, [listed]);
    gateway.routes.set('GET /tenders/T-1', { body: after.tender });
    gateway.routes.set('GET /tenders/T-1/opening?chunk=0', { body: { list: after.list } });
    writeKey(1);
    return after;
  }

  function writeKey(seat: number): void {
    const { mspId, spki, y } = fake.view.records[seat - 1]!;
    const secret = toBase64url(fake.secrets[seat - 1]!);
    const key: OpeningKey = {
      ...{ schema: 'opening-key/1', tenderId: 'T-1', seat, mspId, spki, y, secret },
    };
    writeFileSync(path('key.json'), JSON.stringify(key));
  }

  test('verifies the list and makes shares that the ledger takes', async () => {
    const { list } = await closed();
    gateway.routes.set('POST /tenders/T-1/shares', { body: outcome });
    const result = await procure('open', path('key.json'), '--out', folder, '--post');
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toContain('Verified 1 bids');
    const posting = written('T-1.seat-1.chunk-0.shares.json') as SharesPosting;
    const committee = freezeCommittee({ ...fake.view, keys: fake.view.records });
    const shares = checkShares({
      committee,
      message: posting.shares,
      list,
      deals: list.bids.map(({ envelope }) => envelope),
      posterSpki: spkiOf(1),
      isAccepted: false,
    });
    expect(shares.seat).toBe(1);
    expect(gateway.requests.at(-1)?.body).toEqual(posting);
  });

  test('makes no shares where a bid is missing, changed or sealed with a false deal', async () => {
    const { list } = await closed();
    const [listed] = list.bids;
    const { envelope } = listed!;
    const lists = [
      { ...list, bids: [] },
      { ...list, bids: [], count: 0 },
      { ...list, bids: [{ ...listed!, version: 2 }] },
      { ...list, bids: [{ ...listed!, envelope: { ...envelope, cmt: spkiOf(3) } }] },
      { ...list, bids: [{ ...listed!, bidKey: 'bid/T-1/L1/vendor-2' }] },
    ];
    for (const shown of lists) {
      gateway.routes.set('GET /tenders/T-1/opening?chunk=0', { body: { list: shown } });
      expect(await procure('open', path('key.json'), '--out', folder)).toMatchObject({ code: 5 });
    }
  });

  test('makes no shares before the close, nor with the key of another tender', async () => {
    await closed();
    gateway.routes.set('GET /tenders/T-1', { body: fake.tender });
    expect(await procure('open', path('key.json'))).toMatchObject({
      code: 5,
      err: 'procure: check failed: tender T-1 has not been closed\n',
    });
    writeFileSync(path('key.json'), '{"schema":"something"}');
    expect(await procure('open', path('key.json'))).toMatchObject({ code: 5 });
  });
});

describe('procure trail', () => {
  const entry = {
    at: '2026-01-01T00:00:00.000Z',
    signer: { mspId: 'MinistryMSP', subject: 'CN=tashi\u001b[2J', spki: spkiOf(1) },
    command: 'tender:publish',
    blockNumber: '3',
    transactionId: 'c'.repeat(64),
    validationCode: 'VALID',
    changes: [],
  };

  test('prints a table that cannot steer the terminal, or JSON', async () => {
    const trail = { tenderId: 'T-1', complete: false, entries: [entry] };
    gateway.routes.set('GET /tenders/T-1/trail', { body: trail });
    const { code, out } = await procure('trail', 'T-1');
    expect(code).toBe(0);
    expect(out).toContain('tender:publish');
    expect(out).toContain('Not complete');
    expect(out).not.toContain('\u001b');
    expect(JSON.parse((await procure('trail', 'T-1', '--json')).out)).toEqual(trail);
  });

  test('ends with code 3 and the values of the refusal', async () => {
    const body = { code: 'NOT_FOUND', detail: 'There is none.', args: { kind: 'tender' } };
    gateway.routes.set('GET /tenders/T-9/trail', { status: 404, body });
    expect(await procure('trail', 'T-9')).toMatchObject({
      code: 3,
      err: 'procure: refused: NOT_FOUND: There is none. {"kind":"tender"}\n',
    });
    gateway.routes.set('GET /tenders/T-9/trail', { status: 500, body: '<html>' });
    expect(await procure('trail', 'T-9')).toMatchObject({ code: 3 });
  });

  test('ends with code 4 where nothing answers and 2 where the command line is wrong', async () => {
    await gateway.close();
    expect(await procure('trail', 'T-1')).toMatchObject({ code: 4 });
    gateway = await startFakeGateway();
    expect(await procure('trail')).toMatchObject({ code: 2 });
    expect(await procure('trail', 'T-1', '--token-file', 'x')).toMatchObject({ code: 2 });
    expect(await procure('seal', 'T-1', path('bid.json'), '--bucket', '7')).toMatchObject({
      code: 2,
    });
    expect(await procure('seal', 'T-1', path('absent.json'))).toMatchObject({ code: 6 });
  });
});
