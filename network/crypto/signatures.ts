import { createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { derTag, readDer, readPositive, writeDer, writeUnsigned } from './der';
import { sha256 } from './hashes';
import { LruMap } from './lru-map';

const scalarBytes = 32;
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
/** Half of the order, as big-endian bytes. */
const halfOrder = scalar(order / 2n);

/** Whether a signature is of a key and a message. */
interface Verdict {
  readonly keyName: string;
  readonly digest: Buffer;
  readonly isGood: boolean;
}

/** What was last asked about an array object that holds a signature. */
const asked = new WeakMap<Uint8Array, { key: KeyObject; message: Uint8Array; isGood: boolean }>();

/** By signature. Blocks of 200 transactions ask about some 600, so this spans several blocks. */
const verdicts = new LruMap<string, Verdict>(8192);
const keyNames = new WeakMap<KeyObject, string>();

/**
 * ECDSA P-256 over SHA-256 of the message, DER, with s in the lower half of the order. What this
 * process has signed it knows to be good, so `verifyLowS` does not work it out again.
 * Signatures are made and verified in the thread that asks: to have the thread pool do it takes
 * more processor time than the work itself.
 * Source: bccsp/utils/ecdsa.go:ToLowS.
 */
export function signLowS(key: KeyObject, message: Uint8Array): Buffer {
  const plain = sign('sha256', message, sideBySide(key));
  const signature = encodeLowS(plain.subarray(0, scalarBytes), plain.subarray(scalarBytes));
  const verdict = { keyName: nameOf(key), digest: sha256(message), isGood: true };
  verdicts.set(latin1(signature), verdict);
  return signature;
}

/**
 * Whether the signature is of this message and key. Malformed DER and high s give false, never an
 * error; bytes after the two integers are ignored, as Go's asn1 does. Answers are remembered, since
 * every peer of the process asks about the same bytes.
 * Source: bccsp/sw/ecdsa.go:verifyECDSA, bccsp/utils/ecdsa.go:UnmarshalECDSASignature.
 */
export function verifyLowS(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const last = asked.get(signature);
  // The same objects are asked about several times in a row; others may have equal content.
  if (last?.key === key && last.message === message) return last.isGood;
  const isGood = verifyByContent(key, message, signature);
  asked.set(signature, { key, message, isGood });
  return isGood;
}

function verifyByContent(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const { name, keyName, digest, known } = questionOf(key, message, signature);
  if (known) return known.isGood;
  const isGood = verifyAfresh(key, message, signature);
  verdicts.set(name, { keyName, digest, isGood });
  return isGood;
}

/** What is asked, by content, and what was answered before. */
function questionOf(
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): { name: string; keyName: string; digest: Buffer; known: Verdict | undefined } {
  const name = latin1(signature);
  const keyName = nameOf(key);
  const digest = sha256(message);
  const last = verdicts.get(name);
  const known = last?.keyName === keyName && last.digest.equals(digest) ? last : undefined;
  return { name, keyName, digest, known };
}

/**
 * The same signature with s in the lower half of the order.
 * @param signature DER ECDSA-Sig-Value
 * @returns the input itself when s is low already, undefined when it does not decode
 */
export function toLowS(signature: Uint8Array): Buffer | undefined {
  const scalars = decode(signature);
  if (!scalars) return undefined;
  return isHigh(scalars.s) ? encodeLowS(scalars.r, scalars.s) : Buffer.from(signature);
}

function verifyAfresh(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const plain = plainOf(signature);
  return !!plain && verify('sha256', message, sideBySide(key), plain);
}

/** The key, for signatures that are r and s side by side. */
function sideBySide(key: KeyObject): { key: KeyObject; dsaEncoding: 'ieee-p1363' } {
  return { key, dsaEncoding: 'ieee-p1363' };
}

/** r and s side by side; undefined for a signature that is never good. */
function plainOf(signature: Uint8Array): Buffer | undefined {
  const scalars = decode(signature);
  if (!scalars || isHigh(scalars.s) || scalars.r.length > scalarBytes) return undefined;
  return Buffer.concat([padded(scalars.r), padded(scalars.s)]);
}

function decode(signature: Uint8Array): { r: Buffer; s: Buffer } | undefined {
  const outer = readDer(signature);
  if (outer?.tag !== derTag.sequence) return undefined;
  const first = readDer(outer.content);
  const r = readPositive(first);
  const s = readPositive(first && readDer(outer.content, first.end));
  return r && s && { r, s };
}

function encodeLowS(r: Uint8Array, s: Uint8Array): Buffer {
  const low = isHigh(s) ? scalar(order - BigInt(`0x${Buffer.from(s).toString('hex')}`)) : s;
  return writeDer(derTag.sequence, Buffer.concat([writeUnsigned(r), writeUnsigned(low)]));
}

function isHigh(s: Uint8Array): boolean {
  return s.length > scalarBytes || Buffer.compare(padded(s), halfOrder) > 0;
}

function scalar(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * scalarBytes, '0'), 'hex');
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.alloc(scalarBytes - bytes.length), bytes]);
}

function nameOf(key: KeyObject): string {
  let name = keyNames.get(key);
  if (name === undefined) {
    const open = key.type === 'private' ? createPublicKey(key) : key;
    name = latin1(sha256(open.export({ type: 'spki', format: 'der' })));
    keyNames.set(key, name);
  }
  return name;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
