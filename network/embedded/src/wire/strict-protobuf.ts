import { isUtf8 } from 'node:buffer';
import { BinaryReader } from 'google-protobuf';

/** Go's text for bytes that are no message. */
const malformed = 'proto: cannot parse invalid wire-format data';

type Read = (this: BinaryReader, first?: unknown, second?: unknown, third?: unknown) => unknown;

const shortBytes = 24;
const asciiMax = 127;

const reader = BinaryReader.prototype as unknown as Record<string, Read>;
const originalNextField = reader['nextField'];

/**
 * Makes the protobuf runtime of this process refuse what Go's refuses. As it comes, it believes the
 * length that a field claims: five bytes from anybody make it count to four thousand million and
 * stop everything else. Fields that claim more than there is, fields with the number 0, ends of
 * groups that never began and strings that are no UTF-8 are errors from now on. Loading this module
 * is enough; doing so twice changes nothing.
 * Source: protobuf-go encoding/protowire, proto3 string validation.
 */
function nextField(this: BinaryReader): boolean {
  if (originalNextField?.call(this) !== true) return false;
  if (this.getFieldNumber() === 0 || this.isEndGroup()) throw new Error(malformed);
  if (this.isDelimited()) checkLength(this.getBuffer(), this.getCursor());
  return true;
}

function checkLength(bytes: Uint8Array, start: number): void {
  let length = 0;
  let scale = 1;
  for (let at = start; ; at += 1) {
    const digit = bytes[at];
    if (digit === undefined) throw new Error(malformed);
    length += (digit % 128) * scale;
    scale *= 128;
    if (digit < 128) {
      if (at + 1 + length > bytes.length) throw new Error(malformed);
      return;
    }
  }
}

function readString(this: BinaryReader): string {
  const bytes = this.readBytes();
  const text = shortText(bytes);
  if (text !== undefined) return text;
  if (!isUtf8(bytes)) throw new Error('proto: string field contains invalid UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Most strings are short and of ASCII; to ask the runtime about those costs more than to look. */
function shortText(bytes: Uint8Array): string | undefined {
  if (bytes.length > shortBytes) return undefined;
  let text = '';
  for (const byte of bytes) {
    if (byte > asciiMax) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The runtime's own words for a fault say nothing to whoever sent the bytes. */
function withText(read: Read): Read {
  return function (first, second, third) {
    try {
      return read.call(this, first, second, third);
    } catch (error) {
      throw error instanceof Error && error.message.startsWith('proto: ')
        ? error
        : new Error(malformed, { cause: error });
    }
  };
}

Object.assign(reader, { nextField, readString });
for (const name of Object.getOwnPropertyNames(reader)) {
  const read = reader[name];
  if (read && /^(read|skip|next)[A-Z]/.test(name)) reader[name] = withText(read);
}
