import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fromBase64url, toBase64url, utf8 } from '@procurement/protocol';
import { readProposal } from '@procurement/protocol/fabric';
import { readCommittee } from './committee';
import type { SharesPosting } from './officer';
import { SignedApi } from './signed-api';
import type { Signer } from './signing/signer';
import { type FakeGateway, startFakeGateway } from './test-support/fake-gateway';
import { type FakeTender, newFakeTender, spkiOf } from './test-support/fake-tender';
import {
  endorse,
  type EndorsedChanges,
  newTestWorld,
  TestAuthority,
  type TestWorld,
} from './test-support/test-authority';

const PROPOSALS = 'POST /relay/proposals';
const transactionId = 'a'.repeat(64);

let world: TestWorld;
let vendor: Signer;
let fake: FakeTender;
let gateways: FakeGateway[];

/** What a gateway has a proposal endorsed by, and with which answer. */
interface Endorsing extends EndorsedChanges {
  readonly peers?: readonly Signer[];
  /** Another proposal than the one that came. */
  readonly instead?: string;
}

beforeAll(async () => {
  world = await newTestWorld();
  fake = await newFakeTender();
  vendor = await world.authorities.VendorMSP.issue('dorji', 'client');
});

beforeEach(async () => {
  gateways = [await startFakeGateway(), await startFakeGateway()];
  for (const { routes } of gateways) {
    routes.set('POST /sessions/challenges', { body: { challenge: spkiOf(1) } });
    routes.set('POST /sessions', { body: { token: 'token' } });
  }
});

afterEach(async () => {
  for (const gateway of gateways) await gateway.close();
});

function apiOf(...[first, ...others]: FakeGateway[]): SignedApi {
  const [own, ...rest] = [first!, ...others].map(({ baseUrl }) => ({
    ...{ baseUrl, signer: vendor, roots: world.roots },
  }));
  return new SignedApi({ ...own!, others: rest.map((options) => new SignedApi(options)) });
}

/** The gateway has peers endorse proposals, and answers a query with what is on the ledger. */
function endorses({ routes }: FakeGateway, endorsing: Endorsing = {}, shown = fake): void {
  routes.set(PROPOSALS, async (body) => {
    const proposal = (body as { readonly proposal: string }).proposal;
    const { transaction } = await readProposal(fromBase64url(proposal));
    const value = transaction === 'tender:get' ? shown.tender : shown.view;
    const { AuditorMSP, MinistryMSP } = world.peers;
    const { peers = [AuditorMSP, MinistryMSP], instead = proposal, ...changes } = endorsing;
    const answer = utf8(JSON.stringify(value));
    const payload = await endorse(fromBase64url(instead), peers, {
      ...{ answer, writes: [] },
      ...changes,
    });
    return { body: { transactionId, payload: toBase64url(payload) } };
  });
}

function proposalsAt({ requests }: FakeGateway): string[] {
  return requests
    .filter(({ route }) => route === PROPOSALS)
    .map(({ body }) => (body as { readonly proposal: string }).proposal);
}

describe('the committee for which somebody seals', () => {
  test('is believed under the signatures of two organisations, the auditor one of them', async () => {
    const [gateway] = gateways;
    endorses(gateway!);
    const { committee } = await readCommittee({ api: apiOf(gateway!), tenderId: 'T-1' });
    expect(committee.committeeHash).toBe(fake.view.committeeHash);
    expect(proposalsAt(gateway!)).toHaveLength(2);
  });

  test.each<[string, () => Promise<Endorsing>]>([
    ['one organisation alone', () => Promise.resolve({ peers: [world.peers.AuditorMSP] })],
    [
      'two organisations without the auditor',
      () => Promise.resolve({ peers: [world.peers.MinistryMSP, world.peers.VendorMSP] }),
    ],
    [
      'peers of roots that are not pinned',
      async () => {
        const forged = await TestAuthority.create('AuditorMSP');
        const peer = await forged.issue('peer0', 'peer');
        return { peers: [peer, world.peers.MinistryMSP] };
      },
    ],
    [
      'whoever runs the gateway, in the names of peers',
      () => Promise.resolve({ signedBy: () => vendor }),
    ],
  ])('is not believed where it is told by %s', async (_, endorsing) => {
    const [gateway] = gateways;
    endorses(gateway!, await endorsing(), await newFakeTender());
    const asked = readCommittee({ api: apiOf(gateway!), tenderId: 'T-1' });
    await expect(asked).rejects.toMatchObject({ name: 'CheckFailed' });
  });

  test('is not believed where it was the answer to an earlier question', async () => {
    const [gateway] = gateways;
    endorses(gateway!);
    await apiOf(gateway!).committee('T-1');
    const [earlier] = proposalsAt(gateway!);
    endorses(gateway!, { instead: earlier! });
    await expect(apiOf(gateway!).committee('T-1')).rejects.toMatchObject({
      message: 'what is to be signed is not the transaction that was proposed',
    });
  });
});

describe('which first envelopes passed', () => {
  const answer = utf8(JSON.stringify({ tenderId: 'T-1.technical', state: 'opened', lots: [] }));

  test('is believed under the signatures of two organisations, and not by one', async () => {
    const [gateway] = gateways;
    endorses(gateway!, { answer });
    expect(await apiOf(gateway!).award('T-1.technical')).toMatchObject({ lots: [] });
    endorses(gateway!, { answer, peers: [world.peers.AuditorMSP] });
    const asked = apiOf(gateway!).award('T-1.technical');
    await expect(asked).rejects.toMatchObject({ name: 'CheckFailed' });
  });
});

describe('opening shares', () => {
  const posting = {
    requestId: 'shares-1',
    shares: {
      ...{ S: [spkiOf(1)], chunk: 0, listHash: spkiOf(2), proof: 'A'.repeat(86), seat: 1 },
      tenderId: 'T-1',
    },
  } satisfies SharesPosting;
  const answer = utf8(
    JSON.stringify({
      ...{ repeated: true, transactionId },
      result: { tenderId: 'T-1', seat: 1, chunk: 0 },
    }),
  );
  const statuses = ['AuditorMSP', 'MinistryMSP'].map((mspId) => {
    return { mspId, blockNumber: '7', validationCode: 'VALID' };
  });

  test('go to the gateways of two organisations at the same time', async () => {
    const [first, second] = gateways;
    const refusal = { status: 409, body: { code: 'STATE', detail: 'no', args: {} } };
    let reached: () => void = () => undefined;
    const isAtSecond = new Promise<void>((resolve) => {
      reached = resolve;
    });
    first!.routes.set(PROPOSALS, () => isAtSecond.then(() => refusal));
    second!.routes.set(PROPOSALS, () => {
      reached();
      return Promise.resolve(refusal);
    });
    const posted = apiOf(first!, second!).postShares('T-1', posting);
    await expect(posted).rejects.toMatchObject({ code: 'STATE' });
    expect(proposalsAt(first!)).toHaveLength(1);
    expect(proposalsAt(second!)).toEqual(proposalsAt(first!));
  });

  test('count where one of the two gateways refuses to hand them on', async () => {
    const [first, second] = gateways;
    first!.routes.set(PROPOSALS, { status: 503, body: { code: 'LEDGER_UNREACHABLE' } });
    first!.routes.set(`GET /relay/transactions/${transactionId}`, { body: { statuses } });
    endorses(second!, { answer });
    const posted = await apiOf(first!, second!).postShares('T-1', posting);
    expect(posted).toMatchObject({ blockNumber: '7', result: { seat: 1 } });
  });
});
