/**
 * A procurement with its people: a committee of five of whom three open, four vendors, a tender of
 * two lots. Each step does what an honest client does, with real keys, seals and shares.
 */
import {
  type BidDocument,
  decodeCanonical,
  encodeCanonical,
  type EnvelopeKind,
  formatAmount,
  instantFromMs,
  lineAmountMinor,
  tenderIdOfEnvelope,
} from '@procurement/protocol';
import {
  type Committee,
  type CommitteeKey,
  freezeCommittee,
  makeCommitteeKey,
  makeRehearsal,
  makeShares,
  type NewCommitteeKey,
  type OpenShares,
  ready,
} from '@procurement/sealed';
import { CHAINCODE, CHANNEL, type Person, personOf, TestLedger } from './ledger';
import { type Offer, sealedFor } from './sealed-bids';

/** When a procurement begins, milliseconds since 1970. */
export const START_MS = Date.UTC(2027, 2, 1, 3);
const BIDDING_MS = 60 * 60 * 1000;
const GRACE_MS = 120_000;

/** The tender of the tests. */
export const TENDER_ID = 'MoIT-2027-014';
/** Its lots. */
export const LOTS = { road: 'road', bridge: 'bridge' } as const;

// Counted across all procurements, so that a fork never repeats a request of its origin.
let requestCount = 0;

/** Everyone who acts. Seat n of the committee is `seats[n - 1]`. */
export interface People {
  readonly officer: Person;
  readonly otherOfficer: Person;
  readonly auditor: Person;
  readonly vendors: readonly Person[];
  readonly seats: readonly Person[];
}

/** New people; certificates are costly, so tests share them. */
export function newPeople(): People {
  return {
    officer: personOf('MinistryMSP', { role: 'officer', agency: 'MoIT' }),
    otherOfficer: personOf('MinistryMSP', { role: 'officer', agency: 'MoH' }),
    auditor: personOf('AuditorMSP', { role: 'auditor' }),
    vendors: [1, 2, 3, 4].map(() => personOf('VendorMSP', { role: 'vendor' })),
    seats: ['MinistryMSP', 'MinistryMSP', 'AuditorMSP', 'AuditorMSP', 'VendorMSP'].map((mspId) =>
      personOf(mspId, { role: 'committee' }),
    ),
  };
}

/** One procurement on one ledger. */
export class Procurement {
  readonly ledger: TestLedger;
  readonly people: People;
  readonly tenderId: string;
  readonly #keys: NewCommitteeKey[];

  private constructor(options: {
    readonly ledger: TestLedger;
    readonly people: People;
    readonly tenderId: string;
    readonly keys: NewCommitteeKey[];
  }) {
    this.ledger = options.ledger;
    this.people = options.people;
    this.tenderId = options.tenderId;
    this.#keys = options.keys;
  }

  /** A ledger on which people have registered their keys and nothing else has happened. */
  static async start(
    people: People = newPeople(),
    tenderId = TENDER_ID,
    ledger = new TestLedger({ nowMs: START_MS }),
  ): Promise<Procurement> {
    await ready();
    const procurement = new Procurement({ ledger, people, tenderId, keys: [] });
    await procurement.registerPeople();
    return procurement;
  }

  /** The same procurement on a ledger that goes its own way from here. */
  fork(): Procurement {
    return this.on(this.ledger.fork());
  }

  /** The same procurement on another ledger, which has come as far. */
  on(ledger: TestLedger): Procurement {
    const { people, tenderId } = this;
    return new Procurement({ ledger, people, tenderId, keys: [...this.#keys] });
  }

  /** The tender for one of the two envelopes of a procurement, on the same ledger. */
  envelope(kind: EnvelopeKind, procurementId = this.tenderId): Procurement {
    const { people, ledger } = this;
    const tenderId = tenderIdOfEnvelope(procurementId, kind);
    return new Procurement({ ledger, people, tenderId, keys: [] });
  }

  /** An id that no request had before. */
  get requestId(): string {
    requestCount += 1;
    return `request-${requestCount}`;
  }

  /** Input of a command that names only the tender. */
  get onTender(): { readonly requestId: string; readonly tenderId: string } {
    return { requestId: this.requestId, tenderId: this.tenderId };
  }

  /** The draft of the tender. */
  draft(change: object = {}): Record<string, unknown> {
    return {
      tenderId: this.tenderId,
      title: 'Road and bridge at Gelephu',
      description: 'Works.\nTwo lots.',
      buyer: { agency: 'MoIT', name: 'Ministry of Infrastructure and Transport' },
      currency: 'BTN',
      items: [
        { itemId: 'earthwork', description: 'Earthwork', unit: 'm3', quantity: '1250.5' },
        { itemId: 'asphalt', description: 'Asphalt', unit: 't', quantity: '310.125' },
        { itemId: 'girder', description: 'Steel girder', unit: 'piece', quantity: '8' },
      ],
      lots: [
        { lotId: LOTS.road, title: 'Road', itemIds: ['earthwork', 'asphalt'] },
        { lotId: LOTS.bridge, title: 'Bridge', itemIds: ['girder'] },
      ],
      documents: [],
      deadline: instantFromMs(this.ledger.nowMs + BIDDING_MS),
      graceMs: GRACE_MS,
      committee: {
        t: 3,
        seats: this.people.seats.map(({ mspId, spki }, index) => ({
          seat: index + 1,
          mspId,
          spki,
        })),
      },
      awardCriterion: 'lowest-evaluated-amount',
      ...change,
    };
  }

  async create(change: object = {}): Promise<void> {
    const tender = this.draft(change);
    await this.submit(this.people.officer, 'tender:create', { tender });
  }

  /** An officer's new key for a seat. */
  newKey(seat: number): NewCommitteeKey {
    const { mspId, spki } = this.people.seats[seat - 1]!;
    const { tenderId } = this;
    return makeCommitteeKey({
      channel: CHANNEL,
      chaincode: CHAINCODE,
      tenderId,
      seat,
      mspId,
      spki,
    });
  }

  async registerKeys(): Promise<void> {
    for (const [index, person] of this.people.seats.entries()) {
      const key = this.newKey(index + 1);
      this.#keys[index] = key;
      await this.submit(person, 'opening:registerKey', { key: key.key });
    }
  }

  /** Every seat shows that its key is at hand. */
  async rehearse(moment: 'publication' | 'opening' = 'publication'): Promise<void> {
    for (const [index, person] of this.people.seats.entries()) {
      const rehearsal = await this.rehearsal(index + 1, moment);
      await this.submit(person, 'opening:rehearse', { rehearsal });
    }
  }

  /** A seat's rehearsal, made from what the ledger answers. */
  async rehearsal(seat: number, moment: 'publication' | 'opening'): Promise<object> {
    const { tenderId } = this;
    const record = await this.ledger.query(this.people.auditor, 'audit:record', { tenderId });
    const { committee, tender } = record as unknown as {
      committee: { key: CommitteeKey; registered: { transactionId: string } }[];
      tender: Record<'published' | 'listFixed', { transactionId: string } | undefined>;
    };
    const { key, registered } = committee.find((one) => one.key.seat === seat)!;
    const opening = tender.listFixed ?? tender.published ?? registered;
    const { transactionId: since } = moment === 'publication' ? registered : opening;
    const place = { channel: CHANNEL, chaincode: CHAINCODE };
    const proof = makeRehearsal({ ...place, ...key, moment, since }, this.#keys[seat - 1]!.secret);
    return { moment, proof, seat, tenderId };
  }

  /** Officers, auditors and committee members put their keys into the register. */
  async registerPeople(): Promise<void> {
    const { officer, otherOfficer, auditor, seats } = this.people;
    for (const person of [officer, otherOfficer, auditor, ...seats]) {
      await this.submit(person, 'key:register', { name: 'A person' });
    }
  }

  async publish(): Promise<void> {
    await this.rehearse();
    await this.publishOnly();
  }

  async publishOnly(): Promise<void> {
    await this.submit(this.people.officer, 'tender:publish', { tenderId: this.tenderId });
  }

  async registerVendors(): Promise<void> {
    for (const [index, person] of this.people.vendors.entries()) {
      await this.submit(person, 'vendor:register', {
        vendorId: `vendor-${index + 1}`,
        name: `Fictional Construction ${index + 1}`,
        licence: `L-${index + 1}`,
      });
    }
  }

  /** From nothing to a published tender with registered vendors. */
  async untilPublished(): Promise<this> {
    await this.create();
    await this.registerKeys();
    await this.publish();
    await this.registerVendors();
    return this;
  }

  /** The committee as a sealer learns it from the ledger. */
  async committee(): Promise<Committee> {
    const answer = await this.ledger.query(this.people.auditor, 'tender:committee', {
      tenderId: this.tenderId,
    });
    const { n, t, records } = answer as { n: number; t: number; records: CommitteeKey[] };
    const { tenderId } = this;
    return freezeCommittee({
      channel: CHANNEL,
      chaincode: CHAINCODE,
      tenderId,
      n,
      t,
      keys: records,
    });
  }

  async noticeHash(): Promise<string> {
    const { published } = await this.ledger.query(this.people.auditor, 'tender:get', {
      tenderId: this.tenderId,
    });
    return (published as { noticeHash: string }).noticeHash;
  }

  /** What vendor number `vendor` would write for an offer, honestly. */
  async document(vendor: number, { lotId, rate }: Offer): Promise<BidDocument> {
    const draft = this.draft() as {
      items: { itemId: string; quantity: string }[];
      lots: { lotId: string; itemIds: string[] }[];
    };
    const itemIds = draft.lots.find((lot) => lot.lotId === lotId)?.itemIds ?? [];
    const lines = draft.items
      .filter(({ itemId }) => itemIds.includes(itemId))
      .map(({ itemId, quantity }) => {
        const amount = formatAmount(lineAmountMinor({ quantity, rate }));
        return { itemId, quantity, rate, amount };
      });
    const total = lines.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    return {
      ...{ v: 1, tenderId: this.tenderId, lotId, vendorId: `vendor-${vendor}` },
      ...{ noticeHash: await this.noticeHash(), currency: 'BTN', lines },
      ...{ total: formatAmount(total), documents: [] },
    };
  }

  /** Input of `bid:submit` for vendor number `vendor`, sealed. */
  async sealedBid(vendor: number, offer: Offer, version = 1): Promise<Record<string, unknown>> {
    const { spki } = this.people.vendors[vendor - 1]!;
    const bidder = { vendorId: `vendor-${vendor}`, spki };
    const document = await this.document(vendor, offer);
    return (await sealedFor(this, bidder, { document, offer, version })).input;
  }

  /** Vendor number `vendor` bids. */
  async bid(vendor: number, offer: Offer, version = 1): Promise<void> {
    const input = await this.sealedBid(vendor, offer, version);
    await this.submit(this.people.vendors[vendor - 1]!, 'bid:submit', input);
  }

  /** Moves the clock past deadline and grace. */
  awaitClose(): void {
    this.ledger.nowMs = START_MS + BIDDING_MS + GRACE_MS;
  }

  async close(): Promise<void> {
    this.awaitClose();
    await this.submit(this.people.auditor, 'tender:close', { tenderId: this.tenderId });
  }

  /** The buyer and the auditor cancel the tender. */
  async cancel(): Promise<void> {
    const input = { tenderId: this.tenderId, reason: 'Budget withdrawn' };
    for (const person of [this.people.officer, this.people.auditor]) {
      await this.submit(person, 'tender:cancel', input);
    }
  }

  /** The shares of one seat for a chunk of the list, made from what the ledger answers. */
  async sharesOf(seat: number, chunk = 0): Promise<OpenShares> {
    const person = this.people.seats[seat - 1]!;
    const deals: { Y: string[] }[] = [];
    let listHash = '';
    for (let part = 0, chunks = 1; part < chunks; part += 1) {
      const asked = { tenderId: this.tenderId, chunk: part };
      const list = await this.ledger.query(person, 'opening:list', asked);
      const { bids } = list as { bids: { envelope: { Y: string[] } }[] };
      deals.push(...bids.map(({ envelope }) => envelope));
      ({ chunks, listHash } = list as { chunks: number; listHash: string });
    }
    const { secret } = this.#keys[seat - 1]!;
    return makeShares({ committee: await this.committee(), listHash, deals, chunk, seat, secret });
  }

  async postShares(...seats: readonly number[]): Promise<void> {
    for (const seat of seats) {
      const shares = await this.sharesOf(seat);
      await this.submit(this.people.seats[seat - 1]!, 'opening:postShares', { shares });
    }
  }

  async combine(): Promise<Record<string, unknown>> {
    return this.submit(this.people.auditor, 'opening:combine', { tenderId: this.tenderId });
  }

  /** From published to opened. */
  async open(): Promise<void> {
    await this.close();
    await this.postShares(1, 3, 5);
    await this.combine();
  }

  async evaluate(): Promise<void> {
    await this.submit(this.people.officer, 'award:evaluate', { tenderId: this.tenderId });
  }

  async decide(): Promise<Record<string, unknown>> {
    return this.submit(this.people.officer, 'award:decide', { tenderId: this.tenderId });
  }

  /** A command with a new requestId unless the input has one. */
  async submit(person: Person, name: string, input: object): Promise<Record<string, unknown>> {
    return this.ledger.submit(person, name, { requestId: this.requestId, ...input });
  }
}

/** A deep copy with one member changed, for messages that lie. */
export function changed(value: object, change: object): Record<string, unknown> {
  return { ...decodeCanonical(encodeCanonical(value)), ...change };
}
