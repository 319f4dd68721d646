import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
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
import type { SharesPosting } from '../officer';
import type { BidSecret, BidSubmission } from '../sealing';
import { CommandLine, type Ended, lock } from '../test-support/command-line';
import { type FakeGateway, startFakeGateway } from '../test-support/fake-gateway';
import { closedWith, type FakeTender, newFakeTender, spkiOf } from '../test-support/fake-tender';
import { newTestWorld, type TestWorld } from '../test-support/test-authority';
import { KeptBid } from './folder/kept-bids';
import type { KeyFolder } from './folder/key-folder';
import { hasOpeningKey, keepOpeningKey, recallOpeningKey } from './folder/opening-keys';

const outcome = { result: {}, transactionId: 'b'.repeat(64), blockNumber: '7', repeated: false };
const bid = {
  lotId: 'L1',
  lines: [{ itemId: 'I1', quantity: '10', rate: '500', amount: '5000' }],
  total: '5000',
};

let world: TestWorld;
let line: CommandLine;
let folder: KeyFolder;
let gateway: FakeGateway;
let fake: FakeTender;

beforeAll(async () => {
  await ready();
  world = await newTestWorld();
});

beforeEach(async () => {
  line = await CommandLine.start(world);
  ({ folder, gateway } = line);
  fake = await newFakeTender();
  line.tells(fake);
  callerIs({ mspId: 'VendorMSP', role: 'vendor', spki: spkiOf(9), vendorId: 'vendor-1' });
  writeFileSync(path('bid.json'), JSON.stringify(bid));
});

afterEach(() => line.stop());

const path = (...names: string[]): string => line.path(...names);
const callerIs = (me: object): void => {
  line.callerIs(me);
};
const procureAsked = (...asked: Parameters<CommandLine['procureAsked']>): Promise<Ended> =>
  line.procureAsked(...asked);
const procure = (...args: string[]): Promise<Ended> => line.procure(...args);

async function sealed(): Promise<{ submission: BidSubmission; secret: BidSecret }> {
  expect(await procure('bid', 'seal', 'T-1', path('bid.json'))).toMatchObject({ code: 0 });
  const kept = KeptBid.find(folder, { tenderId: 'T-1', lotId: 'L1' });
  return { submission: kept.submission(), secret: await kept.secret(lock) };
}

describe('procure bid', () => {
  test('seal writes an envelope that the ledger takes and a secret that opens it', async () => {
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

  test('seal keeps the secret encrypted for its owner and overwrites nothing', async () => {
    const { secret } = await sealed();
    const file = path('keys', 'bids', 'T-1', 'L1', 'v1', 'secret.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(secret.seed);
    const again = await procure('bid', 'seal', 'T-1', path('bid.json'));
    expect(again).toMatchObject({ code: 6 });
    expect(again.err).toContain('not overwritten');
  });

  test('submit shows what is signed, and signs it when told yes only', async () => {
    await sealed();
    gateway.routes.set('POST /tenders/T-1/bids', { body: outcome });
    const submit = ['bid', 'submit', 'T-1', 'L1'];
    const refused = await procureAsked(['no'], ...submit);
    expect(refused).toMatchObject({ code: 8, out: '' });
    for (const shown of ['T-1: A road', 'L1: All of it', '5000 BTN', fake.tender.deadline]) {
      expect(refused.err).toContain(shown);
    }
    expect(await procureAsked(undefined, ...submit)).toMatchObject({ code: 2 });
    expect(gateway.requests.some(({ route }) => route.startsWith('POST'))).toBe(false);
    const { code, out } = await procureAsked(['yes'], ...submit);
    expect(code).toBe(0);
    expect(out).toContain('block 7');
    expect(gateway.requests.at(-1)).toMatchObject({ body: { version: 1, lotId: 'L1' } });
  });

  test('submit tells by when the receipt is due where nobody answers', async () => {
    await sealed();
    gateway.routes.set('POST /tenders/T-1/bids', { body: 'cut off' });
    const { code, err } = await procure('bid', 'submit', 'T-1', 'L1');
    expect(code).toBe(4);
    expect(err).toContain(`no receipt, which is due by ${fake.tender.deadline}`);
    expect(err).toContain("another organisation's gateway");
  });

  test('replace seals the next version and hands it in', async () => {
    const earlier = { lotId: 'L1', vendorId: 'vendor-1', version: 4 };
    gateway.routes.set('GET /tenders/T-1/bids', { body: { bids: [earlier] } });
    gateway.routes.set('POST /tenders/T-1/bids', { body: outcome });
    const { code, out } = await procure('bid', 'replace', 'T-1', path('bid.json'));
    expect(code).toBe(0);
    expect(out).toContain('Handed in version 5');
    expect(gateway.requests.at(-1)).toMatchObject({ body: { version: 5, lotId: 'L1' } });
  });

  test('verify re-opens the bid and holds it against the ledger', async () => {
    const { secret } = await sealed();
    const there = { lotId: 'L1', vendorId: 'vendor-1', version: 1 };
    const { envelopeHash } = secret;
    gateway.routes.set('GET /tenders/T-1/bids', { body: { bids: [{ ...there, envelopeHash }] } });
    const verified = await procure('bid', 'verify', 'T-1', 'L1', '--json');
    expect(JSON.parse(verified.out)).toMatchObject({ version: 1, state: 'sealed', document: bid });
    const other = { ...there, envelopeHash: spkiOf(1) };
    gateway.routes.set('GET /tenders/T-1/bids', { body: { bids: [other] } });
    expect(await procure('bid', 'verify', 'T-1', 'L1')).toMatchObject({ code: 5 });
    gateway.routes.set('GET /tenders/T-1/bids', { body: { bids: [] } });
    expect(await procure('bid', 'verify', 'T-1', 'L1')).toMatchObject({ code: 5 });
  });

  test('seal stops with code 5 where the gateway shows another committee, notice or lot', async () => {
    const other = await newFakeTender();
    const seal = ['bid', 'seal', 'T-1', path('bid.json'), '--json'];
    const detailOf = async (): Promise<unknown> => {
      const { code, out } = await procure(...seal);
      expect(code).toBe(5);
      return (JSON.parse(out) as { problem: { detail: string } }).problem.detail;
    };
    gateway.routes.set('GET /tenders/T-1/committee', { body: other.view });
    expect(await detailOf()).toBe(
      'check failed: the committee shown is not the one that was frozen',
    );
    gateway.routes.set('GET /tenders/T-1/committee', { body: fake.view });
    gateway.routes.set('GET /tenders/T-1', { body: { ...fake.tender, title: 'Another road' } });
    expect(await detailOf()).toBe('check failed: the tender shown is not the notice published');
    gateway.routes.set('GET /tenders/T-1', { body: fake.tender });
    writeFileSync(path('bid.json'), JSON.stringify({ ...bid, lotId: 'L9' }));
    expect(await detailOf()).toBe('check failed: tender T-1 has no lot L9');
    writeFileSync(path('bid.json'), JSON.stringify({ ...bid, currency: 'USD' }));
    expect(await detailOf()).toContain('currency "USD"');
    expect(gateway.requests.some(({ route }) => route.startsWith('POST'))).toBe(false);
  });

  test('seal stops with code 5 where a second gateway tells of another committee', async () => {
    const second = await startFakeGateway();
    const other = await newFakeTender();
    second.routes.set('GET /tenders/T-1', { body: other.tender });
    second.routes.set('GET /tenders/T-1/committee', { body: other.view });
    const witness = ['--witness-url', second.baseUrl];
    const result = await procure('bid', 'seal', 'T-1', path('bid.json'), ...witness);
    expect(result).toMatchObject({ code: 5 });
    expect(result.err).toContain('different committees');
    await second.close();
  });
});

describe('procure committee', () => {
  test('join makes a key that the ledger takes for the seat of the caller', async () => {
    callerIs({ mspId: 'AuditorMSP', role: 'committee', spki: spkiOf(2) });
    gateway.routes.set('POST /tenders/T-1/committee-keys', { body: outcome });
    const result = await procure('committee', 'join', 'T-1');
    expect(result).toMatchObject({ code: 0 });
    const { key } = gateway.requests.at(-1)?.body as { key: { y: string } };
    const signer = { mspId: 'AuditorMSP', spki: spkiOf(2) };
    const registered = await checkRegistration({
      tender: fake.view,
      key,
      signer,
      appointments: fake.tender.committee.seats,
      isKeyTaken: () => Promise.resolve(false),
    });
    expect(registered.seat).toBe(2);
    const file = path('keys', 'opening-keys', 'T-1.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = await recallOpeningKey(folder, 'T-1', lock);
    expect(kept).toMatchObject({ schema: 'opening-key/1', y: key.y, seat: 2 });
    expect(readFileSync(file, 'utf8')).not.toContain(kept.secret);
  });

  test('join stops with code 5 for whom the tender does not appoint', async () => {
    expect(await procure('committee', 'join', 'T-1')).toMatchObject({ code: 5 });
  });

  async function closed(): Promise<ReturnType<typeof closedWith>> {
    const { submission, secret } = await sealed();
    const listed = { ...submission, ...secret.bid, envelopeHash: secret.envelopeHash };
    const after = closedWith(fake, [listed]);
    gateway.routes.set('GET /tenders/T-1', { body: after.tender });
    gateway.routes.set('GET /tenders/T-1/opening?chunk=0', { body: { list: after.list } });
    const { mspId, spki, y } = fake.view.records[0]!;
    const about = { schema: 'opening-key/1', tenderId: 'T-1', seat: 1, mspId, spki, y } as const;
    await keepOpeningKey(folder, { ...about, secret: toBase64url(fake.secrets[0]!.slice()) }, lock);
    return after;
  }

  test('open verifies the list and posts shares that the ledger takes', async () => {
    const { list } = await closed();
    gateway.routes.set('POST /tenders/T-1/shares', { body: outcome });
    const result = await procure('committee', 'open', 'T-1');
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toContain('Verified 1 bids');
    const posting = gateway.requests.at(-1)?.body as SharesPosting;
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
  });

  test('open posts nothing where a bid is missing, changed or sealed with a false deal', async () => {
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
      expect(await procure('committee', 'open', 'T-1')).toMatchObject({ code: 5 });
    }
    expect(gateway.requests.some(({ route }) => route.startsWith('POST'))).toBe(false);
  });

  test('open makes no shares before the close, nor without a key', async () => {
    await closed();
    gateway.routes.set('GET /tenders/T-1', { body: fake.tender });
    const early = await procure('committee', 'open', 'T-1');
    expect(early).toMatchObject({ code: 5 });
    expect(early.err).toContain('check failed: tender T-1 has not been closed\n');
    expect(await procure('committee', 'open', 'T-2')).toMatchObject({ code: 2 });
  });

  test('destroy leaves nothing of the key, and only once the bids are opened', async () => {
    const { tender } = await closed();
    expect(await procure('committee', 'destroy', 'T-1')).toMatchObject({ code: 2 });
    expect(hasOpeningKey(folder, 'T-1')).toBe(true);
    gateway.routes.set('GET /tenders/T-1', { body: { ...tender, state: 'opened' } });
    expect(await procure('committee', 'destroy', 'T-1')).toMatchObject({ code: 0 });
    expect(readdirSync(path('keys', 'opening-keys'))).toEqual([]);
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
      err:
        'procure: refused: NOT_FOUND: There is none. {"kind":"tender"}\n' +
        'Look whether the id is written as it was given.\n',
    });
    const { out } = await procure('trail', 'T-9', '--json');
    expect(JSON.parse(out)).toEqual({
      problem: {
        ...{ code: 'NOT_FOUND', detail: 'refused: NOT_FOUND: There is none.' },
        ...{ args: { kind: 'tender' }, exitCode: 3 },
        advice: 'Look whether the id is written as it was given.',
      },
    });
    gateway.routes.set('GET /tenders/T-9/trail', { status: 500, body: '<html>' });
    expect(await procure('trail', 'T-9')).toMatchObject({ code: 3 });
  });

  test('ends with code 4 where nothing answers and 2 where the command line is wrong', async () => {
    await gateway.close();
    expect(await procure('trail', 'T-1')).toMatchObject({ code: 4 });
    line.gateway = gateway = await startFakeGateway();
    expect(await procure('trail')).toMatchObject({ code: 2 });
    expect(await procure('trail', 'T-1', '--no-such')).toMatchObject({ code: 2 });
    const bucket = ['--bucket', '7', '--url', gateway.baseUrl];
    expect(await procure('bid', 'seal', 'T-1', path('bid.json'), ...bucket)).toMatchObject({
      code: 2,
    });
    expect(await procure('bid', 'seal', 'T-1', path('absent.json'))).toMatchObject({ code: 6 });
  });

  test('ends with code 7 where the passphrase is another one', async () => {
    await sealed();
    writeFileSync(path('passphrase'), 'another passphrase');
    const ended = await procure('bid', 'verify', 'T-1', 'L1');
    expect(ended).toMatchObject({ code: 7, out: '' });
    expect(ended.err).toContain('does not open');
  });
});
