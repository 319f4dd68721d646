/** The officers who can open a tender's bids together, and their keys (TSEAL-V1 section 2). */
import { equalBytes, fromBase64url, lengthPrefixed, toBase64url } from '@procurement/protocol';
import { demand } from './codes';
import { sha256 } from './digest';
import { checkPoint, checkScalar } from './elements';
import {
  add,
  isZero,
  multiply,
  multiplyBase,
  reduceWide,
  scalarMultiply,
  scalarSubtract,
} from './group';
import { freshBytes } from './random';
import { hashToScalar, u8 } from './transcript';
import { checkMembers, readBytes, readId, readInteger, readMessage } from './wire';

/** The most seats that a committee may have. */
export const SEATS_MAX = 15;
/** The least number of seats that may be needed to open. */
export const THRESHOLD_MIN = 2;

const POP_LENGTH = 64;
const SEAT_NUMBER_MAX = 255;

/** Where a tender lives: part of everything that is signed or proved for it. All three are ids. */
export interface TenderName {
  readonly channel: string;
  readonly chaincode: string;
  readonly tenderId: string;
}

/** An officer's public key for one tender, as it is registered. Bytes are base64url. */
export interface CommitteeKey {
  readonly mspId: string;
  /** Proof that the officer holds the secret of `y`: challenge and response, 64 bytes. */
  readonly pop: string;
  readonly seat: number;
  /** SHA-256 of the officer's SubjectPublicKeyInfo, 32 bytes. */
  readonly spki: string;
  readonly tenderId: string;
  readonly y: string;
}

/** A tender with the records of its committee: what a sealer needs to know. */
export interface TenderContext extends TenderName {
  /** Number of seats. */
  readonly n: number;
  /** Number of seats that open together. */
  readonly t: number;
  /** Records of seats 1 to n, in this order. */
  readonly keys: readonly CommitteeKey[];
}

/** One seat with its key decoded. */
export interface Seat {
  readonly seat: number;
  readonly mspId: string;
  readonly spki: Uint8Array;
  readonly y: Uint8Array;
}

/** A committee ready for use. Made by {@link freezeCommittee} or {@link recallCommittee}. */
export interface Committee extends TenderName {
  readonly n: number;
  readonly t: number;
  readonly seats: readonly Seat[];
  /** SHA-256 over all of the above, base64url. */
  readonly committeeHash: string;
}

/** Who holds a seat by the tender's appointment. `spki` is base64url. */
export interface Appointment {
  readonly seat: number;
  readonly mspId: string;
  readonly spki: string;
}

/** A new key and its secret. */
export interface NewCommitteeKey {
  readonly key: CommitteeKey;
  /** The secret scalar x, 32 bytes. It never leaves the officer's device. */
  readonly secret: Uint8Array;
}

interface KeyRecord extends Seat {
  readonly challenge: Uint8Array;
  readonly response: Uint8Array;
}

/**
 * Draws an officer's secret and makes the record to register. A new one is needed for every tender.
 * @throws {SealError} FORMAT where a name is no id, or the seat or spki is out of form
 */
export function makeCommitteeKey(place: TenderName & Appointment): NewCommitteeKey {
  for (;;) {
    const secret = reduceWide(freshBytes(64));
    const key = committeeKeyFrom({ place, secret, random: freshBytes(32) });
    if (key !== undefined) return { key, secret };
  }
}

/**
 * The record of a given secret; undefined where the draw would send a zero. For
 * {@link makeCommitteeKey} and for test vectors only: `random` must never be used twice.
 */
export function committeeKeyFrom(draw: {
  readonly place: TenderName & Appointment;
  readonly secret: Uint8Array;
  readonly random: Uint8Array;
}): CommitteeKey | undefined {
  const { place, secret } = draw;
  checkNames(place);
  const holder = {
    seat: readSeat(place.seat),
    mspId: readId(place.mspId, 'mspId'),
    spki: readBytes(place.spki, 'spki'),
  };
  if (isZero(secret)) return undefined;
  const y = multiplyBase(secret);
  const names = [place.channel, place.chaincode, place.tenderId] as const;
  const fields = [...names, holder.mspId, holder.spki, u8(holder.seat)] as const;
  const nonce = hashToScalar('TSEAL-V1-POPNONCE', secret, draw.random, ...fields);
  const challenge = popChallenge(place, { ...holder, y }, multiplyBase(nonce));
  const response = scalarSubtract(nonce, scalarMultiply(challenge, secret));
  if (isZero(nonce) || isZero(challenge) || isZero(response)) return undefined;
  const pop = new Uint8Array(POP_LENGTH);
  pop.set(challenge);
  pop.set(response, 32);
  return {
    mspId: holder.mspId,
    pop: toBase64url(pop),
    seat: holder.seat,
    spki: place.spki,
    tenderId: place.tenderId,
    y: toBase64url(y),
  };
}

/**
 * Checks a record when it is registered, in the order FORMAT, SIGNER, SCALAR, POINT, IDENTITY,
 * DUPLICATE, POP.
 * @param registration.key the record, as text or object
 * @param registration.signer organisation and spki (base64url) of the transaction's creator
 * @param registration.appointments the seats that the tender's notice gives
 * @param registration.isKeyTaken whether a `y` was ever registered, in any tender
 * @returns the record
 * @throws {SealError}
 */
export async function checkRegistration(registration: {
  readonly tender: TenderName;
  readonly key: string | object;
  readonly signer: { readonly mspId: string; readonly spki: string };
  readonly appointments: readonly Appointment[];
  readonly isKeyTaken: (y: string) => Promise<boolean>;
}): Promise<CommitteeKey> {
  const { tender, signer } = registration;
  checkNames(tender);
  const key = readCommitteeKey(registration.key);
  demand(key.tenderId === tender.tenderId, 'FORMAT', 'tenderId');
  demand(key.mspId === signer.mspId && key.spki === signer.spki, 'SIGNER', 'creator');
  demand(isAppointed(key, registration.appointments), 'SIGNER', 'seat');
  const record = decodeRecord(key);
  checkElements(record);
  demand(!(await registration.isKeyTaken(key.y)), 'DUPLICATE', 'y');
  checkPop(tender, record);
  return key;
}

/**
 * Checks a whole committee, as is done when the tender is published and by whoever seals: FORMAT,
 * SIZE, SEAT, SCALAR, POINT, IDENTITY, DUPLICATE, POP, ORG.
 * @throws {SealError}
 */
export function freezeCommittee(tender: TenderContext): Committee {
  checkNames(tender);
  const records = tender.keys.map((key) => decodeRecord(readKeyOf(tender, key)));
  checkSize(tender);
  records.forEach(({ seat }, index) => {
    demand(seat === index + 1, 'SEAT', `seat ${index + 1}`);
  });
  records.forEach(checkElements);
  checkDistinct(records);
  for (const record of records) checkPop(tender, record);
  checkOrganizations(tender, records);
  return committeeOf(tender, records);
}

/**
 * Reads a committee that was frozen before, without checking it again: for records that come from
 * the ledger's own state.
 * @throws {SealError} FORMAT
 */
export function recallCommittee(tender: TenderContext): Committee {
  return committeeOf(
    tender,
    tender.keys.map((key) => decodeRecord(readCommitteeKey(key))),
  );
}

/** @throws {SealError} FORMAT unless the value has exactly the members of a committee key */
export function readCommitteeKey(message: string | object): CommitteeKey {
  const members = readMessage(message, 'CommitteeKey');
  checkMembers(members, { required: ['mspId', 'pop', 'seat', 'spki', 'tenderId', 'y'] });
  readId(members['mspId'], 'mspId');
  readId(members['tenderId'], 'tenderId');
  readSeat(members['seat']);
  readBytes(members['pop'], 'pop', POP_LENGTH);
  readBytes(members['spki'], 'spki');
  readBytes(members['y'], 'y');
  return members as unknown as CommitteeKey;
}

/** @throws {SealError} FORMAT unless channel, chaincode and tenderId are ids */
export function checkNames(tender: TenderName): void {
  readId(tender.channel, 'channel');
  readId(tender.chaincode, 'chaincode');
  readId(tender.tenderId, 'tenderId');
}

function readKeyOf(tender: TenderName, message: string | object): CommitteeKey {
  const key = readCommitteeKey(message);
  demand(key.tenderId === tender.tenderId, 'FORMAT', 'tenderId');
  return key;
}

function readSeat(value: unknown): number {
  const seat = readInteger(value, 'seat');
  demand(seat >= 0 && seat <= SEAT_NUMBER_MAX, 'FORMAT', 'seat');
  return seat;
}

function decodeRecord(key: CommitteeKey): KeyRecord {
  const pop = fromBase64url(key.pop);
  return {
    seat: key.seat,
    mspId: key.mspId,
    spki: fromBase64url(key.spki),
    y: fromBase64url(key.y),
    challenge: pop.subarray(0, 32),
    response: pop.subarray(32),
  };
}

function isAppointed(key: CommitteeKey, appointments: readonly Appointment[]): boolean {
  return appointments.some(
    ({ seat, mspId, spki }) => seat === key.seat && mspId === key.mspId && spki === key.spki,
  );
}

function checkSize({ n, t, keys }: TenderContext): void {
  // A minority that sees the first shares could block the rest if t were more than half.
  const isInRange = Number.isInteger(n) && Number.isInteger(t) && t >= THRESHOLD_MIN;
  demand(isInRange && 2 * t - 1 <= n && n <= SEATS_MAX, 'SIZE', 'n and t');
  demand(keys.length === n, 'SIZE', 'records');
}

function checkElements(record: KeyRecord): void {
  const seat = `seat ${record.seat}`;
  checkScalar(record.challenge, `${seat} pop c`);
  checkScalar(record.response, `${seat} pop s`);
  checkPoint(record.y, `${seat} y`);
}

function checkDistinct(records: readonly KeyRecord[]): void {
  records.forEach((record, index) => {
    const isAgain = records
      .slice(0, index)
      .some((other) => equalBytes(other.y, record.y) || equalBytes(other.spki, record.spki));
    demand(!isAgain, 'DUPLICATE', `seat ${record.seat}`);
  });
}

function checkPop(tender: TenderName, record: KeyRecord): void {
  const commitment = add(multiplyBase(record.response), multiply(record.challenge, record.y));
  const challenge = popChallenge(tender, record, commitment);
  demand(equalBytes(challenge, record.challenge), 'POP', `seat ${record.seat}`);
}

function checkOrganizations({ n, t }: TenderContext, records: readonly KeyRecord[]): void {
  for (const { mspId } of records) {
    const held = records.filter((record) => record.mspId === mspId).length;
    // No organisation opens alone, and none can prevent the opening alone.
    demand(held <= t - 1 && n - held >= t, 'ORG', mspId);
  }
}

function popChallenge(tender: TenderName, holder: Seat, commitment: Uint8Array): Uint8Array {
  const { mspId, spki, seat, y } = holder;
  const names = [tender.channel, tender.chaincode, tender.tenderId] as const;
  return hashToScalar('TSEAL-V1-POP', ...names, mspId, spki, u8(seat), y, commitment);
}

function committeeOf(tender: TenderContext, seats: readonly Seat[]): Committee {
  const { channel, chaincode, tenderId, n, t } = tender;
  const head = ['TSEAL-V1-COMMITTEE', channel, chaincode, tenderId, u8(n), u8(t)];
  const rows = seats.flatMap(({ seat, mspId, spki, y }) => [u8(seat), mspId, spki, y]);
  const committeeHash = toBase64url(sha256(lengthPrefixed(...head, ...rows)));
  return { channel, chaincode, tenderId, n, t, seats, committeeHash };
}
