/** How values are laid out before they are hashed (TSEAL-V1 section 1). */
import { type Field, lengthPrefixed } from '@procurement/protocol';
import { sha512 } from './digest';
import { reduceWide } from './group';

/** One byte. */
export function u8(value: number): Uint8Array {
  return unsigned(value, 1);
}

/** Two bytes, big-endian. */
export function u16(value: number): Uint8Array {
  return unsigned(value, 2);
}

/** Four bytes, big-endian. */
export function u32(value: number): Uint8Array {
  return unsigned(value, 4);
}

function unsigned(value: number, length: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * length)) {
    throw new RangeError(`${value} is no unsigned integer of ${length} bytes`);
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes.subarray(4 - length);
}

/** The scalar that a label and fields hash to: SHA-512 of them, little-endian, mod the order. */
export function hashToScalar(label: string, ...fields: readonly Field[]): Uint8Array {
  return reduceWide(sha512(lengthPrefixed(label, ...fields)));
}
