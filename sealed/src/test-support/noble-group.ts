/**
 * The same functions as `group.ts` on @noble/curves: a second implementation, by other authors in
 * another language, that tests put in the place of the first. It makes no claim of constant time.
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import sodium from 'libsodium-wrappers-sumo';

type Point = ReturnType<typeof ristretto255.Point.fromBytes>;

const { Point } = ristretto255;
const { Fn } = Point;

export const IDENTITY: Uint8Array = new Uint8Array(32);

export async function ready(): Promise<void> {
  // The hashes stay with libsodium, whichever group is used.
  await sodium.ready;
}

export function isScalar(bytes: Uint8Array): boolean {
  try {
    return !Fn.is0(Fn.fromBytes(bytes));
  } catch {
    return false;
  }
}

export function isPoint(bytes: Uint8Array): boolean {
  try {
    Point.fromBytes(bytes);
    return true;
  } catch {
    return false;
  }
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

export function multiply(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  return times(Point.fromBytes(point), Fn.fromBytes(scalar)).toBytes();
}

export function multiplyBase(scalar: Uint8Array): Uint8Array {
  return times(Point.BASE, Fn.fromBytes(scalar)).toBytes();
}

export function add(left: Uint8Array, right: Uint8Array): Uint8Array {
  return Point.fromBytes(left).add(Point.fromBytes(right)).toBytes();
}

export function multiplySmall(factor: number, point: Uint8Array): Uint8Array {
  return times(Point.fromBytes(point), BigInt(factor)).toBytes();
}

export function pointFromUniform(bytes: Uint8Array): Uint8Array {
  const point = ristretto255_hasher.deriveToCurve?.(bytes);
  if (point === undefined) throw new Error('this version cannot derive points');
  return point.toBytes();
}

export function scalarOf(value: number): Uint8Array {
  return Fn.toBytes(BigInt(value));
}

export function reduceWide(bytes: Uint8Array): Uint8Array {
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return Fn.toBytes(Fn.create(value));
}

export function scalarAdd(left: Uint8Array, right: Uint8Array): Uint8Array {
  return Fn.toBytes(Fn.add(Fn.fromBytes(left), Fn.fromBytes(right)));
}

export function scalarSubtract(left: Uint8Array, right: Uint8Array): Uint8Array {
  return Fn.toBytes(Fn.sub(Fn.fromBytes(left), Fn.fromBytes(right)));
}

export function scalarMultiply(left: Uint8Array, right: Uint8Array): Uint8Array {
  return Fn.toBytes(Fn.mul(Fn.fromBytes(left), Fn.fromBytes(right)));
}

export function scalarInvert(scalar: Uint8Array): Uint8Array {
  return Fn.toBytes(Fn.inv(Fn.fromBytes(scalar)));
}

function times(point: Point, factor: bigint): Point {
  return factor === 0n || point.is0() ? Point.ZERO : point.multiply(factor);
}
