/**
 * A ledger on paper: the chaincode carries commands out as on a peer, at whatever time the test
 * sets, and what it reads and writes is put into blocks that certificates of the test's own CAs
 * sign. So whoever endorses can lie, as two organisations that conspire could.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import {
  type CallOptions,
  CHAINCODE,
  CHANNEL,
  type Endorsement,
  holderOf,
  type Person,
  TestLedger,
} from '@procurement/chaincode/test-support/ledger';
import { type People, START_MS } from '@procurement/chaincode/test-support/procurement';
import type { ValidationCode } from '@procurement/chaincode/test-support/world-state';
import type { Signer } from '@procurement/client';
import {
  endorse,
  newTestWorld,
  type TestWorld,
} from '@procurement/client/test-support/test-authority';
import {
  newTestBlock,
  orderedByOne,
  type Ordering,
  type TestBlock,
} from '@procurement/client/test-support/test-block';
import { decodeCanonical, encodeCanonical, type Organization, utf8 } from '@procurement/protocol';
import { blockHeaderHash, buildProposal } from '@procurement/protocol/fabric';
import { common } from '@hyperledger/fabric-protos';

const NONCE_LENGTH = 24;
/** All that a channel's first block holds here. */
const FIRST = Uint8Array.of(1);
/** Peer's mark of a transaction that another one got in before. */
const MVCC_READ_CONFLICT = 11;

/** A transaction before it is signed by anyone. */
export interface PaperEntry {
  /** `contract:function`. */
  readonly name: string;
  readonly input: string;
  readonly signer: Signer;
  readonly atMs: number;
  readonly nonce: Uint8Array;
  readonly answer: object;
  readonly reads: readonly string[];
  readonly writes: ReadonlyMap<string, Uint8Array>;
  readonly code: ValidationCode;
  /** Peers that endorse; the auditor's and the ministry's by default. */
  readonly endorsedBy?: readonly Signer[];
}

/** People with certificates of the test's own CAs, and their keys. */
export class PaperWorld {
  readonly roots: TestWorld['roots'];
  readonly world: TestWorld;
  readonly #signers: Map<string, Signer>;
  /** One ordering node's word. */
  readonly ordering: Ordering;

  private constructor(world: TestWorld, orderer: Signer) {
    this.world = world;
    this.roots = world.roots;
    this.ordering = orderedByOne(orderer);
    this.#signers = new Map();
  }

  static async create(): Promise<PaperWorld> {
    const world = await newTestWorld();
    return new PaperWorld(world, await world.authorities.AuditorMSP.issue('orderer', 'orderer'));
  }

  /** Somebody of an organisation whose certificate has these attributes. */
  async person(mspId: Organization, attributes: Readonly<Record<string, string>>): Promise<Person> {
    const signer = await this.world.authorities[mspId].issue('somebody', 'client', attributes);
    const pem = signer.certificate;
    const { publicKey } = new X509Certificate(pem);
    const spkiDer = publicKey.export({ format: 'der', type: 'spki' });
    const person = holderOf(mspId, { pem, spkiDer });
    this.#signers.set(pem, signer);
    return person;
  }

  /** Everyone who acts in a procurement. */
  async people(): Promise<People> {
    const seats = ['MinistryMSP', 'MinistryMSP', 'AuditorMSP', 'AuditorMSP', 'VendorMSP'] as const;
    return {
      officer: await this.person('MinistryMSP', { role: 'officer', agency: 'MoIT' }),
      otherOfficer: await this.person('MinistryMSP', { role: 'officer', agency: 'MoH' }),
      auditor: await this.person('AuditorMSP', { role: 'auditor' }),
      vendors: await Promise.all(
        [1, 2, 3, 4].map(() => this.person('VendorMSP', { role: 'vendor' })),
      ),
      seats: await Promise.all(seats.map((mspId) => this.person(mspId, { role: 'committee' }))),
    };
  }

  /** @throws {RangeError} where it is nobody of this world */
  signerOf({ certificatePem }: Person): Signer {
    const signer = this.#signers.get(certificatePem);
    if (signer === undefined) throw new RangeError('nobody of this world has this certificate');
    return signer;
  }
}

/** One peer with its chaincode that notes what is committed. */
export class PaperLedger extends TestLedger {
  readonly entries: PaperEntry[];
  readonly #world: PaperWorld;
  readonly #proposed = new WeakMap<Endorsement, Omit<PaperEntry, 'code'>>();

  constructor(world: PaperWorld, from?: PaperLedger) {
    super({ nowMs: from?.nowMs ?? START_MS, ...(from && { state: from.state.fork() }) });
    this.#world = world;
    this.entries = [...(from?.entries ?? [])];
  }

  override fork(): PaperLedger {
    return new PaperLedger(this.#world, this);
  }

  override async endorse(
    person: Person,
    name: string,
    input: object | string,
    options: CallOptions = {},
  ): Promise<Endorsement> {
    const call = {
      ...{ name, input: typeof input === 'string' ? input : encodeCanonical(input) },
      ...{ signer: this.#world.signerOf(person), atMs: options.atMs ?? this.nowMs },
      nonce: Uint8Array.from(randomBytes(NONCE_LENGTH)),
    };
    const { transactionId } = await proposalOf(call);
    const endorsement = await super.endorse(person, name, input, { ...options, transactionId });
    const { answer, simulation } = endorsement;
    const reads = [...simulation.reads.keys()];
    const { writes } = simulation;
    this.#proposed.set(endorsement, { ...call, answer: Object(answer) as object, reads, writes });
    return endorsement;
  }

  override commit(endorsement: Endorsement): ValidationCode {
    const code = super.commit(endorsement);
    const proposed = this.#proposed.get(endorsement);
    if (proposed === undefined) throw new RangeError('this was endorsed elsewhere');
    this.entries.push({ ...proposed, code });
    return code;
  }
}

/** Blocks that were signed before: a change leaves those before it as they are. */
const signed = new Map<string, Promise<TestBlock>>();
const numbers = new WeakMap<object, number>();

/** Blocks of one transaction each, after a first one that nobody signs. */
export async function blocksOf(
  world: PaperWorld,
  entries: readonly PaperEntry[],
): Promise<readonly Uint8Array[]> {
  const { ordering } = world;
  const written: Written = new Map();
  let last = await newTestBlock({ number: 0, previousHash: new Uint8Array(), data: [FIRST] });
  const blocks = [last.bytes];
  for (const entry of entries) {
    const number = blocks.length;
    const previousHash = await blockHeaderHash(last.header);
    const name = [previousHash, numberOf(entry)].join(' ');
    const block =
      signed.get(name) ?? blockOf(world, entry, { written, number, previousHash, ordering });
    signed.set(name, block);
    last = await block;
    blocks.push(last.bytes);
    if (entry.code !== 'VALID') continue;
    for (const key of entry.writes.keys()) written.set(key, { block: number, index: 0 });
  }
  return blocks;
}

type Written = Map<string, { readonly block: number; readonly index: number }>;

async function blockOf(
  world: PaperWorld,
  entry: PaperEntry,
  place: {
    readonly written: Written;
    readonly number: number;
    readonly previousHash: Uint8Array;
    readonly ordering: Ordering;
  },
): Promise<TestBlock> {
  const { written, ...rest } = place;
  const data = [await envelopeOf(world, entry, written)];
  const marks = Uint8Array.of(entry.code === 'VALID' ? 0 : MVCC_READ_CONFLICT);
  return newTestBlock({ ...rest, data, marks });
}

/** One number for each object, in the order in which they are first asked for. */
function numberOf(one: object): number {
  const number = numbers.get(one) ?? (numberCount += 1);
  numbers.set(one, number);
  return number;
}

let numberCount = 0;

/** A change of the transactions of one name: of the first one, or of that with this number. */
export function changing(
  name: string,
  change: (entry: PaperEntry) => PaperEntry,
  which = 0,
): (entries: readonly PaperEntry[]) => readonly PaperEntry[] {
  return (entries) => {
    const at = entries.flatMap((entry, index) => (entry.name === name ? [index] : []))[which];
    if (at === undefined) throw new RangeError(`no transaction ${name} was committed`);
    return entries.map((entry, index) => (index === at ? change(entry) : entry));
  };
}

/** An entry that writes something else under a prefix. */
export function writing(
  prefix: string,
  change: (record: Record<string, unknown>) => object,
): (entry: PaperEntry) => PaperEntry {
  return (entry) => {
    const found = [...entry.writes].filter(([key]) => key.startsWith(`\u0000${prefix}\u0000`));
    if (found.length === 0) throw new RangeError(`${entry.name} writes no ${prefix}`);
    const changed = found.map(([key, value]): [string, Uint8Array] => {
      return [key, utf8(encodeCanonical(change(decodeCanonical(Buffer.from(value).toString()))))];
    });
    return { ...entry, writes: new Map([...entry.writes, ...changed]) };
  };
}

/** An entry that writes one record more. */
export function alsoWriting(
  parts: readonly string[],
  value: Uint8Array,
): (entry: PaperEntry) => PaperEntry {
  const key = `\u0000${parts.map((part) => `${part}\u0000`).join('')}`;
  return (entry) => ({ ...entry, writes: new Map([...entry.writes, [key, value]]) });
}

/** An entry that does not write what lies under a prefix. */
export function notWriting(prefix: string): (entry: PaperEntry) => PaperEntry {
  return (entry) => ({
    ...entry,
    writes: new Map([...entry.writes].filter(([key]) => !key.startsWith(`\u0000${prefix}\u0000`))),
  });
}

/** An entry whose chaincode answers something else. */
export function answering(change: object): (entry: PaperEntry) => PaperEntry {
  return (entry) => {
    const { result, ...rest } = entry.answer as { readonly result: object };
    return { ...entry, answer: { ...rest, result: { ...result, ...change } } };
  };
}

/** An entry whose signer has asked for something else. */
export function asking(change: object): (entry: PaperEntry) => PaperEntry {
  return (entry) => {
    const input = encodeCanonical({ ...decodeCanonical(entry.input), ...change });
    return { ...entry, input };
  };
}

function proposalOf(
  call: Pick<PaperEntry, 'name' | 'input' | 'signer' | 'nonce' | 'atMs'>,
): ReturnType<typeof buildProposal> {
  const { name, input, signer, nonce, atMs } = call;
  const target = { channel: CHANNEL, chaincode: CHAINCODE };
  return buildProposal({
    ...target,
    transaction: name,
    args: [input],
    creator: signer,
    nonce,
    atMs,
  });
}

async function envelopeOf(
  { world }: PaperWorld,
  entry: PaperEntry,
  written: ReadonlyMap<string, { readonly block: number; readonly index: number }>,
): Promise<Uint8Array> {
  const { AuditorMSP, MinistryMSP } = world.peers;
  const { signer, endorsedBy = [AuditorMSP, MinistryMSP] } = entry;
  const { bytes } = await proposalOf(entry);
  const payload = await endorse(bytes, endorsedBy, {
    answer: utf8(encodeCanonical(entry.answer)),
    reads: entry.reads.map((key) => ({ key, version: written.get(key) })),
    writes: [...entry.writes].map(([key, value]) => ({ key, value: Uint8Array.from(value) })),
  });
  const envelope = new common.Envelope();
  envelope.setPayload(payload);
  envelope.setSignature(await signer.sign(payload));
  return envelope.serializeBinary();
}
