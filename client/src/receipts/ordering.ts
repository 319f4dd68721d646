/** Who must have signed a block: one node of the ordering service, or a quorum of its consenters. */
import { equalBytes } from '@procurement/protocol';
import {
  blockDataHash,
  blockHeaderHash,
  type BlockHeaderRead,
  type BlockRead,
  type BlockSignatureRead,
  type BlockSignaturesRead,
  type Consenter,
  type ConfigurationRead,
  FabricMessageError,
  METADATA_SLOTS,
  quorumOf,
  readBlock,
  readBlockSignatures,
  readConfiguration,
} from '@procurement/protocol/fabric';
import { check, CheckFailed } from '../check';
import { keyOfNode, type PinnedRoots } from '../signing/roots';
import { isSignatureOf } from '../signing/signer';

/** A configuration, and the block that brought it. */
interface Known extends ConfigurationRead {
  readonly header: BlockHeaderRead;
}

/**
 * The configurations of a channel that are known to be its own: those that were pinned, and each
 * that was ordered under the one before it.
 */
export class Configurations {
  readonly #roots: PinnedRoots;
  readonly #channel: string;
  readonly #known = new Map<number, Known>();
  readonly #pinned = new Set<number>();
  #isMet = false;

  /** @param trust.channel whose configurations these are */
  constructor(trust: { readonly roots: PinnedRoots; readonly channel: string }) {
    this.#roots = trust.roots;
    this.#channel = trust.channel;
  }

  /**
   * Believes a block of configuration, since its holder has got it from the organisations.
   * @param bytes serialised `common.Block`
   * @throws {CheckFailed} where it is none of this channel
   */
  async pin(bytes: Uint8Array): Promise<void> {
    const block = readOrFail('a pinned block', () => readBlock(bytes));
    const { number } = block.header;
    this.#known.set(number, await this.#read(block));
    this.#pinned.add(number);
  }

  /** Whether the ordering service of a known configuration is a Byzantine one. */
  get isByzantine(): boolean {
    return [...this.#known.values()].some(({ consenters }) => consenters !== undefined);
  }

  /** Whether blocks that are pinned have been met among those that were followed; or none is. */
  get isMet(): boolean {
    return this.#pinned.size === 0 || this.#isMet;
  }

  /** Whether any configuration was pinned. */
  get isPinned(): boolean {
    return this.#pinned.size > 0;
  }

  /**
   * Takes the first block of a channel. Unless it is pinned it is believed for now: the blocks that
   * follow, or a later one that is pinned, bind it by its hash.
   * @throws {CheckFailed}
   */
  async begin(bytes: Uint8Array): Promise<void> {
    const block = readOrFail('the first block', () => readBlock(bytes));
    const { number } = block.header;
    if (this.#known.has(number)) await this.follow(bytes);
    else this.#known.set(number, await this.#read(block));
  }

  /**
   * Takes the configuration that came after one that is known: it counts one more, and was ordered
   * under it. One that is known already has to be the same.
   * @throws {CheckFailed}
   */
  async follow(bytes: Uint8Array): Promise<void> {
    const block = readOrFail('a block of configuration', () => readBlock(bytes));
    const { number } = block.header;
    const read = await this.#read(block);
    if (this.#known.has(number)) {
      await this.#checkSame(read.header);
      this.#isMet = true;
      return;
    }
    const before = [...this.#known.values()].find(({ sequence }) => sequence === read.sequence - 1);
    const isNext = before !== undefined && before.header.number < number;
    check(
      isNext,
      `the configuration of block ${number} follows none that is known`,
      'CONFIGURATION',
    );
    const { lastConfiguration, signatures } = this.#signaturesOf(block);
    const isOwn = lastConfiguration === number;
    check(isOwn, `block ${number} names another configuration than its own`, 'CONFIGURATION');
    await this.#checkSigned(number, { signatures, rule: before });
    this.#known.set(number, read);
  }

  /**
   * The block is signed as the configuration demands under which it was ordered. Where none is
   * known, one node's certificate is enough, as with Raft.
   * @param slot serialised `common.Metadata` of the slot of signatures
   * @throws {CheckFailed}
   */
  async checkOrdered(header: BlockHeaderRead, slot: Uint8Array): Promise<void> {
    const { lastConfiguration, signatures } = signaturesIn(slot, header);
    const rule = this.#known.get(lastConfiguration);
    // A configuration was ordered under the one before it, which was looked at when it was taken.
    if (rule?.header.number === header.number) return this.#checkSame(header);
    const isNumbered = signatures.some(({ signer }) => typeof signer === 'number');
    const isKnown = rule !== undefined || (!isNumbered && !this.isByzantine);
    const why =
      `block ${header.number} was ordered under the configuration of block ` +
      `${lastConfiguration}, which is neither pinned nor follows from one that is`;
    check(isKnown, why, 'CONFIGURATION');
    await this.#checkSigned(header.number, { signatures, rule });
  }

  async #checkSame(header: BlockHeaderRead): Promise<void> {
    const known = this.#known.get(header.number)?.header ?? header;
    const isSame = equalBytes(await blockHeaderHash(known), await blockHeaderHash(header));
    const sentence = `block ${header.number} is not the configuration that is known`;
    check(isSame, sentence, 'CONFIGURATION');
  }

  async #checkSigned(
    number: number,
    by: { readonly signatures: readonly BlockSignatureRead[]; readonly rule: Known | undefined },
  ): Promise<void> {
    const { signatures, rule } = by;
    const none = `no one of the ordering service signed block ${number}`;
    check(signatures.length > 0, none, 'ORDERING');
    if (rule?.consenters === undefined) await this.#checkEach(number, signatures);
    else await this.#checkQuorum(number, { signatures, consenters: rule.consenters });
  }

  async #checkEach(number: number, signatures: readonly BlockSignatureRead[]): Promise<void> {
    for (const { signer, signature, signed } of signatures) {
      const isNamed = typeof signer !== 'number';
      check(isNamed, `block ${number} is signed by numbers where there are none`, 'ORDERING');
      const publicKey = await keyOfNode(this.#roots, { ...signer, role: 'orderer' });
      const holds = await isSignatureOf({ publicKey, message: signed, signature });
      const sentence = `the ordering service's signature of block ${number} does not hold`;
      check(holds, sentence, 'ORDERING');
    }
  }

  /** As in Fabric, a signature that does not hold, or of nobody listed, counts for nothing. */
  async #checkQuorum(
    number: number,
    about: {
      readonly signatures: readonly BlockSignatureRead[];
      readonly consenters: readonly Consenter[];
    },
  ): Promise<void> {
    const { signatures, consenters } = about;
    const signers = new Set<number>();
    for (const { signer, signature, signed } of signatures) {
      const consenter = consenters.find((one) => isNamedBy(one, signer));
      if (consenter === undefined) continue;
      const { id, mspId, certificate } = consenter;
      const publicKey = await keyOfNode(this.#roots, { mspId, certificate, role: 'orderer' });
      if (await isSignatureOf({ publicKey, message: signed, signature })) signers.add(id);
    }
    const due = quorumOf(consenters.length);
    const many = `${signers.size} of ${consenters.length} consenters have signed block ${number}`;
    check(signers.size >= due, `${many} where ${due} must`, 'ORDERING');
  }

  #signaturesOf({ header, metadata }: BlockRead): BlockSignaturesRead {
    return signaturesIn(metadata[METADATA_SLOTS.signatures] ?? new Uint8Array(), header);
  }

  async #read(block: BlockRead): Promise<Known> {
    const { header, data } = block;
    const { number } = header;
    const isWhole = equalBytes(await blockDataHash(data), header.dataHash);
    check(isWhole, `what block ${number} holds does not come to its hash`, 'BLOCK');
    const read = readOrFail(`the configuration of block ${number}`, () => readConfiguration(block));
    const isHere = read?.channel === this.#channel;
    check(isHere, `block ${number} holds no configuration of ${this.#channel}`, 'CONFIGURATION');
    return { ...read, header };
  }
}

function isNamedBy(consenter: Consenter, signer: BlockSignatureRead['signer']): boolean {
  if (typeof signer === 'number') return consenter.id === signer;
  return consenter.mspId === signer.mspId && consenter.certificate === signer.certificate;
}

function signaturesIn(slot: Uint8Array, header: BlockHeaderRead): BlockSignaturesRead {
  const what = `the ordering service's signature of block ${header.number}`;
  return readOrFail(what, () => readBlockSignatures(slot, header));
}

function readOrFail<T>(what: string, reading: () => T): T {
  try {
    return reading();
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    throw new CheckFailed(`${what} cannot be read: ${error.part}`, { code: 'ORDERING' });
  }
}
