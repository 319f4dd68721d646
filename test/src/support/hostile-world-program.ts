/**
 * For every transaction an honest call, on a ledger where it gets as far as it can. It is a program
 * of its own, which prints them as JSON: it loads the framework, whose messages must not meet those
 * of a peer in one process.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  derOfRaw,
  encodeCanonical,
  possessionMessage,
  toBase64url,
  type TransactionName,
  TRANSACTIONS,
} from '@procurement/protocol';
import {
  CHAINCODE,
  CHANNEL,
  type Person,
  personOf,
} from '@procurement/chaincode/test-support/ledger';
import {
  LOTS,
  newPeople,
  type People,
  Procurement,
} from '@procurement/chaincode/test-support/procurement';
import { TestStore } from '@procurement/chaincode/test-support/stores';
import { Pair, withoutAmounts } from '@procurement/chaincode/test-support/two-envelopes';

const road = { lotId: LOTS.road, rate: '500' };
const zero = 'A'.repeat(43);

/** A call that an honest client would make. */
export interface HonestCall {
  readonly transaction: TransactionName;
  /** Name of the ledger. */
  readonly on: string;
  readonly person: Person;
  /** Canonical JSON. */
  readonly text: string;
}

/** Ledgers in every phase, and an honest call of every transaction. */
export interface HostileWorld {
  readonly auditor: Person;
  /** By name: keys and values, these in base64. */
  readonly ledgers: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly calls: readonly HonestCall[];
}

/** @throws RangeError where a transaction has no call */
async function newHostileWorld(): Promise<HostileWorld> {
  const people = newPeople();
  const worlds = await worldsOf(people);
  const calls = (
    await Promise.all([beforeBids, aroundBids, afterBids].map((make) => make(worlds, people)))
  ).flat();
  const missing = TRANSACTIONS.filter((name) => !calls.some((call) => call.transaction === name));
  if (missing.length > 0) throw new RangeError(`no call of ${missing.join(', ')}`);
  const ledgers: Record<string, [string, string][]> = {};
  for (const [name, { ledger }] of worlds) {
    ledgers[name] = ledger.state
      .entries()
      .map(([key, value]): [string, string] => [key, value.toString('base64')]);
  }
  return { auditor: people.auditor, ledgers, calls };
}

type Worlds = ReadonlyMap<string, Procurement>;

async function worldsOf(people: People): Promise<Worlds> {
  const worlds = new Map<string, Procurement>();
  const world = await Procurement.start(people);
  const keep = (name: string): unknown => worlds.set(name, world.fork());
  keep('none');
  const withStore = world.fork();
  const store = new TestStore('store-auditor', 'AuditorMSP');
  await withStore.submit(store.gateway, 'store:register', store.registration);
  worlds.set('with a store', withStore);
  await world.create();
  keep('draft');
  await world.registerKeys();
  await world.rehearse();
  keep('ready');
  await world.publishOnly();
  await world.registerVendors();
  await world.bid(1, road);
  keep('published');
  await world.bid(2, road);
  await world.close();
  keep('closed');
  await world.postShares(1, 2, 3);
  keep('shared');
  await world.combine();
  keep('opened');
  await world.evaluate();
  keep('evaluating');
  await world.decide();
  keep('awarded');
  worlds.set('envelopes', await openedFirst(worldNamed(worlds, 'published')));
  return worlds;
}

/** A procurement of two envelopes, of which the first are opened and judged by the auditor. */
async function openedFirst(published: Procurement): Promise<Procurement> {
  const pair = Pair.of(published.fork(), 'MoIT-2027-015');
  const { first, second } = pair;
  const { auditor } = first.people;
  await pair.create();
  await pair.publish();
  await first.bid(1, withoutAmounts(road));
  await second.bid(1, road);
  await first.close();
  await first.postShares(1, 2, 3);
  await first.combine();
  await first.submit(auditor, 'award:recordTechnical', { tenderId: first.tenderId, failed: [] });
  return first;
}

function worldNamed(worlds: Worlds, name: string): Procurement {
  const world = worlds.get(name);
  if (world === undefined) throw new RangeError(`no world ${name}`);
  return world;
}

function call(
  transaction: TransactionName,
  on: string,
  person: Person | undefined,
  input: object,
): HonestCall {
  if (person === undefined) throw new RangeError(`nobody for ${transaction}`);
  return { transaction, on, person, text: encodeCanonical(input) };
}

/** A new key of a vendor, and the proof that its holder has it. */
function newKey(vendorId: string): object {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
  const place = { channel: CHANNEL, chaincode: CHAINCODE };
  const message = possessionMessage({ ...place, vendorId, publicKey });
  const raw = sign('sha256', message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return { publicKey, possession: toBase64url(derOfRaw(raw)) };
}

async function beforeBids(worlds: Worlds, people: People): Promise<HonestCall[]> {
  const { officer, auditor, seats, vendors } = people;
  const [none, draft, ready] = ['none', 'draft', 'ready'].map((name) => worldNamed(worlds, name));
  const store = new TestStore('store-auditor', 'AuditorMSP');
  const requestId = 'honest';
  return [
    call('key:register', 'none', personOf('AuditorMSP', { role: 'auditor' }), {
      ...{ requestId, name: 'A person' },
    }),
    call('key:revoke', 'none', officer, { requestId, spki: officer.spki, reason: 'Lost' }),
    call('key:get', 'none', auditor, { spki: officer.spki }),
    call('store:register', 'none', store.gateway, { requestId, ...store.registration }),
    call('store:replaceKey', 'with a store', officer, { requestId, ...store.replacement }),
    call('store:list', 'none', auditor, {}),
    call('audit:clock', 'none', store.gateway, {}),
    call('audit:whoami', 'none', auditor, {}),
    call('vendor:register', 'none', vendors[0], {
      ...{ requestId, vendorId: 'vendor-9', name: 'Nine', licence: 'L-9' },
    }),
    call('vendor:renewKey', 'published', vendors[0], { requestId, ...newKey('vendor-1') }),
    call('vendor:recoverKey', 'published', officer, {
      ...{ requestId, vendorId: 'vendor-1', ...newKey('vendor-1') },
    }),
    call('vendor:get', 'published', officer, { vendorId: 'vendor-1' }),
    call('vendor:me', 'published', vendors[0], {}),
    call('tender:create', 'none', officer, { requestId, tender: none!.draft() }),
    call('opening:registerKey', 'draft', seats[0], { requestId, key: draft!.newKey(1).key }),
    call('opening:rehearse', 'ready', seats[0], {
      ...{ requestId, rehearsal: await ready!.rehearsal(1, 'publication') },
    }),
    call('tender:publish', 'ready', officer, ready!.onTender),
  ];
}

async function aroundBids(worlds: Worlds, people: People): Promise<HonestCall[]> {
  const { officer, auditor, vendors } = people;
  const published = worldNamed(worlds, 'published');
  const { onTender, tenderId } = published;
  const noticeHash = await published.noticeHash();
  return [
    call('tender:amend', 'published', officer, { ...onTender, text: 'Explained' }),
    call('tender:cancel', 'published', officer, { ...onTender, reason: 'Budget withdrawn' }),
    call('tender:close', 'published', auditor, onTender),
    call('tender:get', 'published', auditor, { tenderId }),
    call('tender:list', 'published', auditor, {}),
    call('tender:committee', 'published', auditor, { tenderId }),
    call('bid:submit', 'published', vendors[1], await published.sealedBid(2, road)),
    call('bid:submit', 'published', vendors[0], await published.sealedBid(1, road, 2)),
    call('bid:confirm', 'published', vendors[0], { ...onTender, lotId: LOTS.road, noticeHash }),
    call('bid:withdraw', 'published', vendors[0], { ...onTender, lotId: LOTS.road }),
    call('bid:mine', 'published', vendors[0], { tenderId }),
  ];
}

async function afterBids(worlds: Worlds, people: People): Promise<HonestCall[]> {
  const { officer, auditor, vendors, seats } = people;
  const [closed, first] = [worldNamed(worlds, 'closed'), worldNamed(worlds, 'envelopes')];
  const { onTender, tenderId, requestId } = closed;
  const bidKey = `bid/${tenderId}/road/vendor-1`;
  const selfOpen = { S: zero, bidKey, proof: 'A'.repeat(86) };
  return [
    call('opening:postShares', 'closed', seats[0], { requestId, shares: await closed.sharesOf(1) }),
    call('opening:combine', 'shared', auditor, { ...onTender, bidKeys: [bidKey] }),
    call('opening:strike', 'closed', auditor, { ...onTender, bidKey }),
    call('opening:selfOpen', 'closed', vendors[0], { ...onTender, selfOpen }),
    call('opening:recordMissing', 'closed', auditor, { ...onTender, bidKeys: [bidKey] }),
    call('opening:list', 'closed', seats[0], { tenderId }),
    call('opening:status', 'closed', auditor, { tenderId }),
    call('bid:list', 'opened', auditor, { tenderId }),
    call('award:evaluate', 'opened', officer, onTender),
    call('award:recordTechnical', 'envelopes', officer, { ...first.onTender, failed: [] }),
    call('award:decide', 'evaluating', officer, onTender),
    call('award:get', 'awarded', auditor, { tenderId }),
    call('audit:record', 'awarded', auditor, { tenderId }),
  ];
}

newHostileWorld().then(
  (world) => process.stdout.write(JSON.stringify(world)),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
