import { beforeAll, describe, expect, test } from '@jest/globals';
import { type StoreReceipt, utf8 } from '@procurement/protocol';
import { highS } from '../test-support/high-s';
import { LOTS, newPeople, type People, Procurement } from '../test-support/procurement';
import {
  type KeptBid,
  registerStores,
  sealedWithStores,
  STORES,
  TestStore,
} from '../test-support/stores';

const road = { lotId: LOTS.road, rate: '500' };

let people: People;
let published: Procurement;
let stores: readonly TestStore[];
let byRef: KeptBid;
let withDocument: KeptBid;

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
  stores = await registerStores(published);
  byRef = await sealedWithStores(published, stores, { vendor: 1, offer: road });
  const documents = [utf8('How the work is done')];
  const inline = { vendor: 1, offer: road, isByRef: false, documents };
  withDocument = await sealedWithStores(published, stores, inline);
});

const receiptsOf = ({ input }: KeptBid): StoreReceipt[] => input['receipts'] as StoreReceipt[];

async function refusalOf(kept: KeptBid, change: object): Promise<unknown> {
  const input = { ...kept.input, ...change };
  return published.ledger.refusal(people.vendors[0]!, 'bid:submit', input);
}

describe('the register of stores', () => {
  test('names every store, its organisation and its key', async () => {
    const { stores: listed } = await published.ledger.query(people.vendors[0]!, 'store:list', {});
    const names = (listed as { storeId: string; mspId: string }[]).map((store) => [
      store.storeId,
      store.mspId,
    ]);
    expect(names).toEqual(STORES.map((store) => [...store]));
  });

  test('takes one store of an organisation, and no id or key twice', async () => {
    const second = new TestStore('another', 'AuditorMSP');
    const input = { requestId: 'r', ...second.registration };
    expect(await published.ledger.refusal(second.gateway, 'store:register', input)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'store', id: 'AuditorMSP' },
    });
    const world = await Procurement.start(people);
    const first = new TestStore('store-one', 'AuditorMSP');
    await world.submit(first.gateway, 'store:register', first.registration);
    const sameName = new TestStore('store-one', 'VendorMSP');
    const taken = { requestId: 'r', ...sameName.registration };
    expect(await world.ledger.refusal(sameName.gateway, 'store:register', taken)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'store', id: 'store-one' },
    });
  });

  test('takes a new address of a store, and no new key or name with it', async () => {
    const world = await Procurement.start(people);
    const store = new TestStore('store-one', 'AuditorMSP');
    await world.submit(store.gateway, 'store:register', store.registration);
    const url = 'https://moved.example';
    await world.submit(store.gateway, 'store:register', { ...store.registration, url });
    const listed = await world.ledger.query(people.vendors[0]!, 'store:list', {});
    expect(listed).toMatchObject({ stores: [{ storeId: 'store-one', url }] });
    for (const other of ['store-one', 'store-two'].map((id) => new TestStore(id, 'AuditorMSP'))) {
      const input = { requestId: 'r', ...other.registration };
      expect(await world.ledger.refusal(store.gateway, 'store:register', input)).toMatchObject({
        code: 'EXISTS',
        args: { kind: 'store', id: 'AuditorMSP' },
      });
    }
  });

  test('refuses a key whose holder did not sign, or signed for another name', async () => {
    const world = await Procurement.start(people);
    const store = new TestStore('store-one', 'AuditorMSP');
    const { possession } = new TestStore('store-one', 'AuditorMSP').registration;
    for (const change of [{ possession }, { storeId: 'store-two' }]) {
      const input = { requestId: 'r', ...store.registration, ...change };
      expect(await world.ledger.refusal(store.gateway, 'store:register', input)).toMatchObject({
        code: 'POSSESSION',
      });
    }
  });
});

describe('a store that has lost its key', () => {
  const again = new TestStore('store-ministry', 'MinistryMSP');

  async function replaced(): Promise<Procurement> {
    const world = published.fork();
    for (const person of [people.officer, people.auditor])
      await world.submit(person, 'store:replaceKey', again.replacement);
    return world;
  }

  test('gets another by the word of two organisations that name the same one', async () => {
    const world = published.fork();
    const other = new TestStore('store-ministry', 'MinistryMSP');
    const replace = (person: People['officer'], store: TestStore): Promise<unknown> =>
      world.submit(person, 'store:replaceKey', store.replacement);
    const keys = async (): Promise<unknown> =>
      (await world.ledger.query(people.auditor, 'store:list', {}))['stores'];
    const before = await keys();
    expect(await replace(people.officer, again)).toMatchObject({ replaced: false });
    expect(await replace(people.auditor, other)).toMatchObject({ replaced: false });
    expect(await keys()).toEqual(before);
    expect(await replace(people.auditor, again)).toMatchObject({ replaced: true });
    const { publicKey } = again;
    expect(await keys()).toEqual(
      (before as { storeId: string }[]).map((store) =>
        store.storeId === 'store-ministry' ? { ...store, publicKey } : store,
      ),
    );
  });

  test.each<[string, () => object, object]>([
    [
      'of no register',
      () => new TestStore('nobody', 'MinistryMSP').replacement,
      { code: 'NOT_FOUND', args: { kind: 'store', id: 'nobody' } },
    ],
    [
      'with a key that another store has',
      () => ({ ...again.replacement, publicKey: stores[0]!.publicKey }),
      { code: 'EXISTS', args: { kind: 'store', id: 'store-auditor' } },
    ],
    [
      'with a key that did not sign for this store',
      () => {
        const { possession } = new TestStore('store-ministry', 'MinistryMSP').replacement;
        return { ...again.replacement, possession };
      },
      { code: 'POSSESSION' },
    ],
  ])('gets none %s', async (_, input, refusal) => {
    const asked = { requestId: 'r', ...input() };
    const refused = published.ledger.refusal(people.officer, 'store:replaceKey', asked);
    expect(await refused).toMatchObject(refusal);
  });

  test('signs with the new one from then on, and with the lost one nothing more', async () => {
    const world = await replaced();
    const input = { ...byRef.input, requestId: 'r' };
    const vendor = people.vendors[0]!;
    expect(await world.ledger.refusal(vendor, 'bid:submit', input)).toMatchObject({
      code: 'RECEIPT',
      args: { item: 'store-ministry' },
    });
    const [first, second] = receiptsOf(byRef);
    const receipts = [first, again.receipt({ bidKey: byRef.bidKey, version: 1 }, second!)];
    await world.submit(vendor, 'bid:submit', { ...byRef.input, receipts });
  });

  test('keeps its new key when its gateway tells a new address, and only that one', async () => {
    const world = await replaced();
    const url = 'https://moved.example';
    await world.submit(again.gateway, 'store:register', { ...again.registration, url });
    const lost = { requestId: 'r', ...stores[1]!.registration };
    expect(await world.ledger.refusal(again.gateway, 'store:register', lost)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'store', id: 'MinistryMSP' },
    });
  });

  test('has what it signed before for bids that were handed in', async () => {
    const world = published.fork();
    await world.submit(people.vendors[0]!, 'bid:submit', withDocument.input);
    for (const person of [people.officer, people.auditor])
      await world.submit(person, 'store:replaceKey', again.replacement);
    expect(await defectsOf(world)).toEqual([]);
  });
});

describe('a bid whose ciphertext lies in stores', () => {
  test('is taken with the receipts of both, which stay beside it', async () => {
    const world = published.fork();
    await world.submit(people.vendors[0]!, 'bid:submit', byRef.input);
    const { bids } = await world.ledger.query(people.vendors[0]!, 'bid:mine', {
      tenderId: world.tenderId,
    });
    expect(bids).toMatchObject([{ receipts: receiptsOf(byRef) }]);
  });

  test.each<[string, () => object, string]>([
    ['without receipts', () => ({ receipts: [] }), 'receipts'],
    ['with one receipt', () => ({ receipts: receiptsOf(byRef).slice(0, 1) }), 'receipts'],
    [
      'with the same receipt twice',
      () => ({ receipts: [receiptsOf(byRef)[0], receiptsOf(byRef)[0]] }),
      'receipts',
    ],
    [
      'with a receipt of a store that it does not name',
      () => ({ receipts: [receiptsOf(byRef)[0], receiptOfThird({})] }),
      'ref',
    ],
    [
      'with a receipt for another version',
      () => ({ receipts: [receiptsOf(byRef)[0], receiptOfSecond({ version: 2 })] }),
      'store-ministry',
    ],
    [
      'with a receipt for another bid',
      () => ({ receipts: [receiptsOf(byRef)[0], receiptOfSecond({ bidKey: 'bid/T/L/v' })] }),
      'store-ministry',
    ],
    [
      'with a receipt of an unknown store',
      () => ({ receipts: [receiptsOf(byRef)[0], { ...receiptsOf(byRef)[1], store: 'nobody' }] }),
      'nobody',
    ],
    [
      'with a receipt whose signature has the high s',
      () => ({ receipts: [receiptsOf(byRef)[0], withHighS(receiptsOf(byRef)[1]!)] }),
      'store-ministry',
    ],
    [
      'with a receipt too many',
      () => ({ receipts: [...receiptsOf(byRef), receiptOfThird({})] }),
      'receipts',
    ],
    [
      'with a receipt for what it does not keep',
      () => {
        const elsewhere = { ctHash: 'A'.repeat(43), ctLen: 5 };
        const about = { bidKey: byRef.bidKey, version: 1 };
        return { receipts: [...receiptsOf(byRef), stores[1]!.receipt(about, elsewhere)] };
      },
      'receipts',
    ],
    ['as another version than its receipts are for', () => ({ version: 2 }), 'store-auditor'],
  ])('is refused %s', async (_name, change, item) => {
    expect(await refusalOf(byRef, change())).toMatchObject({ code: 'RECEIPT', args: { item } });
  });

  test('is refused for its receipts before its form is looked at', async () => {
    const envelope = { ...(byRef.input['envelope'] as object), more: 1 };
    expect(await refusalOf(byRef, { envelope })).toMatchObject({ code: 'FORMAT' });
    expect(await refusalOf(byRef, { envelope, receipts: [] })).toMatchObject({ code: 'RECEIPT' });
  });
});

describe("a bid's documents", () => {
  test('count where two stores signed for them', async () => {
    expect(await defectsAfter(withDocument.input)).toEqual([]);
  });

  test('that nobody signed for are a defect of the opened bid', async () => {
    const { documents, receipts, ...rest } = withDocument.input;
    const [{ ctHash }] = documents as [{ ctHash: string }];
    expect(receipts).toHaveLength(2);
    expect(await defectsAfter(rest)).toEqual([{ code: 'DOCUMENT_NOT_RECEIPTED', ctHash }]);
  });

  test('are at most twenty, none longer than a store takes', async () => {
    const [one] = withDocument.input['documents'] as object[];
    for (const documents of [
      Array.from({ length: 21 }, () => one),
      [{ ...one, ctLen: 64 * 1024 * 1024 + 1 }],
    ]) {
      expect(await refusalOf(withDocument, { documents })).toMatchObject({ code: 'FORMAT' });
    }
  });

  test.each<[string, () => object]>([
    ['another length', () => ({ ctLen: 5 })],
    ['another hash', () => ({ ctHash: 'A'.repeat(43) })],
  ])('whose receipts are for %s are refused', async (_name, change) => {
    const [one] = withDocument.input['documents'] as object[];
    const documents = [{ ...one, ...change() }];
    expect(await refusalOf(withDocument, { documents })).toMatchObject({ code: 'RECEIPT' });
  });
});

function receiptOf(store: number, change: { bidKey?: string; version?: number }): StoreReceipt {
  const about = { bidKey: byRef.bidKey, version: 1, ...change };
  return stores[store]!.receipt(about, receiptsOf(byRef)[0]!);
}

const receiptOfSecond = (change: object): StoreReceipt => receiptOf(1, change);
const receiptOfThird = (change: object): StoreReceipt => receiptOf(2, change);

function withHighS(receipt: StoreReceipt): StoreReceipt {
  return { ...receipt, signature: highS(receipt.signature) };
}

async function defectsAfter(input: object): Promise<unknown> {
  const world = published.fork();
  await world.submit(people.vendors[0]!, 'bid:submit', input);
  return defectsOf(world);
}

async function defectsOf(world: Procurement): Promise<unknown> {
  await world.open();
  await world.evaluate();
  const { lots } = await world.ledger.query(people.auditor, 'award:get', {
    tenderId: world.tenderId,
  });
  return (lots as { bids: { defects: unknown }[] }[])[0]!.bids[0]!.defects;
}
