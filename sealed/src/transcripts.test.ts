/** Whole transcripts, made and judged by both implementations of the group. */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { encodeCanonical } from '@procurement/protocol';
import type { BidName } from './context';
import { ready } from './group';
import { propertySeed } from './test-support/seed';
import { drawn, drawn32, type TestTender } from './test-support/tenders';

const COUNT = Number(process.env['CRYPTO_TRANSCRIPTS'] ?? 20);
const MINUTE_MS = 60_000;
const SIZES = [
  { n: 3, t: 2 },
  { n: 5, t: 3 },
  { n: 7, t: 4 },
];

type Group = typeof import('./group');

interface Modules {
  readonly tenders: typeof import('./test-support/tenders');
  readonly seal: typeof import('./seal');
  readonly verify: typeof import('./verify');
  readonly open: typeof import('./open');
}

let sodium: Modules;
let noble: Modules;

function load(): Modules {
  return {
    tenders: jest.requireActual('./test-support/tenders'),
    seal: jest.requireActual('./seal'),
    verify: jest.requireActual('./verify'),
    open: jest.requireActual('./open'),
  };
}

beforeAll(async () => {
  const loading: Promise<void>[] = [ready()];
  jest.isolateModules(() => {
    sodium = load();
    loading.push(jest.requireActual<Group>('./group').ready());
  });
  jest.isolateModules(() => {
    jest.doMock('./group', () => jest.requireActual('./test-support/noble-group'));
    noble = load();
    loading.push(jest.requireActual<Group>('./test-support/noble-group').ready());
  });
  await Promise.all(loading);
});

/** Everything that one implementation says of a transcript. */
async function transcriptBy(made: Modules, number: number): Promise<readonly string[]> {
  const label = `transcript-${propertySeed}-${number}`;
  const tender: TestTender = made.tenders.tenderOf(SIZES[number % SIZES.length]!, label);
  const { committee, secrets } = tender;
  const bid: BidName = made.tenders.bidOf(`vendor-${number}`);
  const plain = { number, words: label };
  const sealed = (await made.seal.sealFrom({ committee, bid, plain }, drawn(label)))!;
  const request = { committee, bid, lastVersion: 0 };
  const read = made.verify.checkSubmission({ ...request, envelope: sealed.envelope });
  const refusals = (['C', 'Y', 'z'] as const).map((member) => {
    const [first = '', second = '', ...rest] = sealed.envelope[member];
    const envelope = { ...sealed.envelope, [member]: [second, first, ...rest] };
    return codeOf(() => made.verify.checkSubmission({ ...request, envelope }));
  });
  const shares = made.open.sharesFrom({
    ...{ committee, listHash: drawn32(label) },
    ...{ deals: [sealed.envelope], chunk: 0, seat: 1 },
    ...{ secret: secrets[0]!, random: drawn(`${label} shares`).subarray(0, 32) },
  });
  return [sealed.text, read.envelopeHash, ...refusals, encodeCanonical(shares!)];
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'taken';
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

describe(`libsodium and noble (seed ${propertySeed})`, () => {
  test(
    `write and judge ${COUNT} transcripts alike`,
    async () => {
      for (let number = 0; number < COUNT; number += 1) {
        const bySodium = await transcriptBy(sodium, number);
        expect(await transcriptBy(noble, number)).toEqual(bySodium);
        expect(bySodium.slice(2, 5)).toEqual(['DEAL', 'DEAL', 'DEAL']);
      }
    },
    MINUTE_MS + COUNT * 4000,
  );
});
