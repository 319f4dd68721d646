/**
 * A rehearsal: an officer shows, before the tender is published and again before it is opened, that
 * the secret of the registered key is still at hand. It is the proof of possession of TSEAL-V1
 * section 2 under a label of its own, over something that did not exist when the key was
 * registered, so that a proof kept from that day shows nothing.
 */
import { equalBytes, type Field, fromBase64url, toBase64url } from '@procurement/protocol';
import { demand } from './codes';
import type { Appointment, TenderName } from './committee';
import { checkPoint, checkScalar } from './elements';
import { add, isZero, multiply, multiplyBase, scalarMultiply, scalarSubtract } from './group';
import { freshBytes } from './random';
import { hashToScalar, u8 } from './transcript';
import { readBytes } from './wire';

const LABEL = 'TSEAL-V1-REHEARSAL';
const NONCE_LABEL = 'TSEAL-V1-REHEARSALNONCE';
const PROOF_LENGTH = 64;

/** What a rehearsal is about: a seat's key, the moment, and what makes the proof fresh. */
export interface RehearsalOf extends TenderName, Appointment {
  /** The registered key, 32 bytes, base64url. */
  readonly y: string;
  /** `publication` or `opening`. */
  readonly moment: string;
  /** Id of the transaction since which the proof must have been made. */
  readonly since: string;
}

/**
 * Proves that the secret of a seat's key is at hand.
 * @param secret the secret scalar, 32 bytes
 * @returns challenge and response, 64 bytes, base64url
 */
export function makeRehearsal(rehearsal: RehearsalOf, secret: Uint8Array): string {
  for (;;) {
    const fields = fieldsOf(rehearsal);
    const nonce = hashToScalar(NONCE_LABEL, secret, freshBytes(32), ...fields);
    const challenge = hashToScalar(LABEL, ...fields, multiplyBase(nonce));
    const response = scalarSubtract(nonce, scalarMultiply(challenge, secret));
    if ([nonce, challenge, response].some(isZero)) continue;
    const proof = new Uint8Array(PROOF_LENGTH);
    proof.set(challenge);
    proof.set(response, 32);
    return toBase64url(proof);
  }
}

/**
 * Checks a rehearsal in the order FORMAT, SCALAR, POINT, IDENTITY, POP.
 * @throws {SealError}
 */
export function checkRehearsal(rehearsal: RehearsalOf, proof: string): void {
  readBytes(proof, 'proof', PROOF_LENGTH);
  const bytes = fromBase64url(proof);
  const [challenge, response] = [bytes.subarray(0, 32), bytes.subarray(32)];
  checkScalar(challenge, 'proof c');
  checkScalar(response, 'proof s');
  const y = fromBase64url(rehearsal.y);
  checkPoint(y, 'y');
  const commitment = add(multiplyBase(response), multiply(challenge, y));
  const again = hashToScalar(LABEL, ...fieldsOf(rehearsal), commitment);
  demand(equalBytes(again, challenge), 'POP', 'rehearsal');
}

function fieldsOf(rehearsal: RehearsalOf): readonly Field[] {
  const { channel, chaincode, tenderId, mspId, spki, seat, y, moment, since } = rehearsal;
  const names = [channel, chaincode, tenderId, mspId];
  return [...names, fromBase64url(spki), u8(seat), fromBase64url(y), moment, since];
}
