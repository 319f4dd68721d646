/** The registers of keys, firms and stores as the blocks bring them, each change checked anew. */
import {
  allowedPhases,
  APPROVAL_PERIOD_MS,
  type CommandName,
  comparableLicence,
  encodeCanonical,
  keyRecordSchema,
  type KeyRecord,
  otherEnvelopeOf,
  procurementIdOf,
  storeRecordSchema,
  tenderRecordSchema,
  toBase64url,
  utf8,
  type VendorRecord,
  vendorRecordSchema,
} from '@procurement/protocol';
import { sha256Of } from '@procurement/protocol/fabric';
import { sortList } from '@procurement/sealed';
import { check } from '../check';
import { isPossessed, isStorePossessed, spkiOf } from '../keys/possession';
import type { Chain, ChainTrust } from './chain';
import type { Made, Step } from './step';
import { storesOf } from './store-check';
import { recordIn, recordOf, recordsOf, writtenBy } from './written';

/** Roles of people who put their keys into the register themselves. */
const REGISTERED_ROLES = ['officer', 'auditor', 'committee'];
/** Organisations whose word an act takes that one alone may not do. */
const WORDS_MIN = 2;

/** Follows the registers through the blocks, and what takes two organisations' word. */
export class RegisterCheck {
  readonly #chain: Chain;
  readonly #trust: ChainTrust;
  /** When organisations have given their word, by act and what it is about. */
  readonly #words = new Map<string, Map<string, number>>();

  constructor(chain: Chain, trust: ChainTrust) {
    this.#chain = chain;
    this.#trust = trust;
  }

  /** Takes a step, whatever it is about, before its writes are applied. @throws {CheckFailed} */
  async take(step: Step): Promise<void> {
    this.#checkSigner(step);
    if (isStep(step, 'key:register')) this.#registerKey(step);
    if (isStep(step, 'key:revoke')) this.#revokeKey(step);
    if (isStep(step, 'vendor:register')) await this.#registerVendor(step);
    if (isStep(step, 'vendor:renewKey')) await this.#renewKey(step);
    if (isStep(step, 'vendor:recoverKey')) await this.#recoverKey(step);
    if (isStep(step, 'store:register')) await this.#registerStore(step);
    if (isStep(step, 'store:replaceKey')) await this.#replaceStoreKey(step);
    if (isStep(step, 'tender:cancel')) this.#cancelTender(step);
    if (isStep(step, 'award:recordTechnical')) this.#recordTechnical(step);
  }

  /** The signer's certificate gives the right, and the signer's key is in force. */
  #checkSigner({ name, made, placed }: Step): void {
    const { transactionId } = placed.proposal;
    const hasRight = allowedPhases(made, name).length > 0;
    check(hasRight, `${made.role} of ${made.mspId} has no right to ${name}`, 'ROLE');
    const key = this.#key(made.spki);
    const isRevoked = key?.revoked !== undefined;
    check(!isRevoked, `${transactionId} is signed with a key revoked before`, 'KEY_REVOKED');
    const mustBeKnown = name !== 'key:register' && REGISTERED_ROLES.includes(made.role);
    const isKnown = key?.mspId === made.mspId || !mustBeKnown;
    check(isKnown, `${transactionId} is signed with a key of no register`, 'KEY_UNKNOWN');
  }

  #registerKey({ made, placed }: Step<'key:register'>): void {
    this.#requireFreeKey(made.spki);
    checkKeyWritten(keyIn(placed), made.spki, made.mspId);
  }

  #revokeKey({ input, result, made, placed }: Step<'key:revoke'>): void {
    const key = this.#key(input.spki);
    check(key !== undefined, `${input.spki} was revoked and never registered`, 'KEY_UNKNOWN');
    const isHolder = key.spki === made.spki && key.mspId === made.mspId;
    const due = isHolder || this.#give(`key:revoke ${input.spki}`, made);
    check(result.revoked === due, `${input.spki} was revoked by one organisation`, 'TWO_WORDS');
    const [written] = recordsOf(placed, 'key').map((one) => keyRecordSchema.parse(one));
    const isWritten = due && key.revoked === undefined;
    const isSame =
      (written !== undefined) === isWritten &&
      (written === undefined || (written.spki === input.spki && written.revoked !== undefined));
    check(isSame, `the register has another end of the key ${input.spki}`, 'REGISTER');
  }

  async #registerVendor({ input, made, placed }: Step<'vendor:register'>): Promise<void> {
    const { vendorId, licence } = input;
    this.#requireFreeKey(made.spki);
    const licenceHash = toBase64url(await sha256Of(utf8(comparableLicence(licence))));
    const isNew =
      this.#chain.value('vendor', vendorId) === undefined &&
      this.#chain.value('vendor-licence', licenceHash) === undefined;
    check(isNew, `the firm ${vendorId} or its licence stood in the register`, 'FIRM_TAKEN');
    const isNoted = writtenBy(placed).some(
      ({ prefix, parts }) => prefix === 'vendor-licence' && parts[0] === licenceHash,
    );
    const vendor = vendorRecordSchema.parse(recordIn(placed, 'vendor'));
    const isSame =
      isNoted &&
      vendor.vendorId === vendorId &&
      vendor.licence === licence &&
      isOwner(vendor, made);
    check(isSame, `${vendorId} was registered as somebody else`, 'REGISTER');
    checkKeyWritten(keyIn(placed), made.spki, made.mspId);
  }

  async #renewKey({ input, result, made, placed }: Step<'vendor:renewKey'>): Promise<void> {
    const vendor = this.#vendor(result.vendorId);
    check(isOwner(vendor, made), `the key of ${result.vendorId} was renewed by another`, 'OWNER');
    await this.#checkClaim({ ...input, vendorId: vendor.vendorId });
    await this.#checkChanged(placed, vendor, input.publicKey);
  }

  async #recoverKey({ input, result, made, placed }: Step<'vendor:recoverKey'>): Promise<void> {
    const { vendorId, publicKey } = input;
    const vendor = this.#vendor(vendorId);
    await this.#checkClaim(input);
    const due = this.#give(`vendor:recoverKey ${vendorId} ${publicKey}`, made);
    check(result.recovered === due, `${vendorId} got a key by one organisation`, 'TWO_WORDS');
    if (due) await this.#checkChanged(placed, vendor, publicKey);
    else {
      const isUnchanged =
        recordsOf(placed, 'vendor').length + recordsOf(placed, 'key').length === 0;
      check(isUnchanged, `${vendorId} got a key by one organisation`, 'TWO_WORDS');
    }
  }

  #cancelTender({ input, result, made, placed }: Step<'tender:cancel'>): void {
    const { tenderId } = input;
    const due = this.#give(`tender:cancel ${procurementIdOf(tenderId)}`, made);
    const written = recordsOf(placed, 'tender').map((one) => tenderRecordSchema.parse(one));
    const ended = written.filter(({ cancelled }) => cancelled !== undefined);
    const other = otherEnvelopeOf(tenderId);
    const isDrafted = other !== undefined && this.#chain.value('tender', other) !== undefined;
    const isWritten = due ? ended.length === (isDrafted ? 2 : 1) : ended.length === 0;
    const isSame = result.cancelled === due && isWritten;
    check(isSame, `${tenderId} was cancelled by one organisation`, 'TWO_WORDS');
  }

  #recordTechnical({ input, result, made, placed }: Step<'award:recordTechnical'>): void {
    const { tenderId, failed } = input;
    const content = encodeCanonical({ tenderId, failed: sortList(failed) });
    const due = this.#give(`award:recordTechnical ${content}`, made);
    const isWritten = recordsOf(placed, 'technical-evaluation').length > 0;
    const isSame = result.recorded === due && isWritten === due;
    check(isSame, `first envelopes of ${tenderId} were judged by one organisation`, 'TWO_WORDS');
  }

  async #registerStore({ input, made, placed }: Step<'store:register'>): Promise<void> {
    const { channel, chaincode } = this.#trust;
    const { storeId, publicKey } = input;
    const holds = await isStorePossessed({ channel, chaincode, ...input });
    const store = storeRecordSchema.parse(recordIn(placed, 'store'));
    const isSame =
      store.storeId === storeId && store.publicKey === publicKey && store.mspId === made.mspId;
    check(holds && isSame, `the store ${storeId} was registered by somebody else`, 'STORE');
    const isFree = storesOf(this.#chain).every((known) => {
      const shared = [known.storeId === storeId, known.publicKey === publicKey];
      return known.mspId === made.mspId ? !shared.includes(false) : !shared.includes(true);
    });
    check(isFree, `${storeId} was registered in the place of another store or key`, 'STORE');
  }

  async #replaceStoreKey({ input, result, made, placed }: Step<'store:replaceKey'>): Promise<void> {
    const { channel, chaincode } = this.#trust;
    const { storeId, publicKey } = input;
    const stores = storesOf(this.#chain);
    const known = stores.find((one) => one.storeId === storeId);
    check(known !== undefined, `${storeId} got a key and is in no register`, 'STORE');
    const isFree = stores.every((one) => one.publicKey !== publicKey);
    const holds = isFree && (await isStorePossessed({ channel, chaincode, ...input }));
    check(
      holds,
      `the holder of the new key of ${storeId} did not sign, or has it already`,
      'STORE',
    );
    const due = this.#give(`store:replaceKey ${storeId} ${known.publicKey} ${publicKey}`, made);
    const written = recordsOf(placed, 'store').map((one) => storeRecordSchema.parse(one));
    const isWritten = result.replaced === due && written.length === (due ? 1 : 0);
    check(isWritten, `${storeId} got a key by one organisation`, 'TWO_WORDS');
    const wanted = encodeCanonical({ ...known, publicKey });
    const isSame = written.every((one) => encodeCanonical(one) === wanted);
    check(isSame, `the register has another store than ${storeId} with its new key`, 'STORE');
  }

  /** The new key is nobody's, and its holder has signed for it. */
  async #checkClaim(claim: {
    readonly vendorId: string;
    readonly publicKey: string;
    readonly possession: string;
  }): Promise<void> {
    const { channel, chaincode } = this.#trust;
    const holds = await isPossessed({ channel, chaincode, ...claim });
    check(holds, `the holder of the new key of ${claim.vendorId} did not sign`, 'POSSESSION');
    this.#requireFreeKey(await spkiOf(claim.publicKey));
  }

  /** The vendor has this key and no other any more. */
  async #checkChanged(
    placed: Step['placed'],
    before: VendorRecord,
    publicKey: string,
  ): Promise<void> {
    const { vendorId, owner } = before;
    const spki = await spkiOf(publicKey);
    const vendor = vendorRecordSchema.parse(recordIn(placed, 'vendor'));
    const isSame = vendor.vendorId === vendorId && isOwner(vendor, { ...owner, spki });
    check(isSame, `${vendorId} got another key than the one asked for`, 'REGISTER');
    const keys = recordsOf(placed, 'key').map((one) => keyRecordSchema.parse(one));
    checkKeyWritten(
      keys.find((key) => key.spki === spki),
      spki,
      owner.mspId,
    );
    const isEnded =
      this.#key(owner.spki)?.revoked !== undefined ||
      keys.some((key) => key.spki === owner.spki && key.revoked !== undefined);
    check(isEnded, `the old key of ${vendorId} was left in force`, 'REGISTER');
  }

  /** Notes an organisation's word. @returns whether two have given theirs, and neither has lapsed */
  #give(about: string, { mspId, atMs }: Made): boolean {
    const words = this.#words.get(about) ?? new Map<string, number>();
    this.#words.set(about, words.set(mspId, atMs));
    const inForce = [...words.values()].filter((givenMs) => atMs - givenMs <= APPROVAL_PERIOD_MS);
    return inForce.length >= WORDS_MIN;
  }

  #requireFreeKey(spki: string): void {
    check(this.#key(spki) === undefined, `the key ${spki} stood in the register`, 'KEY_TAKEN');
  }

  #key(spki: string): KeyRecord | undefined {
    const value = this.#chain.value('key', spki);
    return value === undefined ? undefined : keyRecordSchema.parse(recordOf(value));
  }

  #vendor(vendorId: string): VendorRecord {
    const value = this.#chain.value('vendor', vendorId);
    check(value !== undefined, `${vendorId} is not registered`, 'OWNER');
    return vendorRecordSchema.parse(recordOf(value));
  }
}

function isStep<Name extends CommandName>(step: Step, name: Name): step is Step & Step<Name> {
  return step.name === name;
}

/** Whether a vendor's record names this person. */
export function isOwner(
  { owner }: VendorRecord,
  { mspId, spki }: { readonly mspId: string; readonly spki: string },
): boolean {
  return owner.mspId === mspId && owner.spki === spki;
}

function keyIn(placed: Step['placed']): KeyRecord {
  return keyRecordSchema.parse(recordIn(placed, 'key'));
}

function checkKeyWritten(key: KeyRecord | undefined, spki: string, mspId: string): void {
  const isSame = key?.spki === spki && key.mspId === mspId && key.revoked === undefined;
  check(isSame, `the register has another key than ${spki}`, 'REGISTER');
}
