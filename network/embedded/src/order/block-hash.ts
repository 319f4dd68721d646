import { sha256 } from '../crypto/hashes';

/**
 * The bytes of a block header that are hashed and signed: DER of SEQUENCE {number INTEGER,
 * previous hash OCTET STRING, data hash OCTET STRING}. Source: protoutil/blockutils.go.
 */
export function headerBytes(header: {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
}): Buffer {
  return derValue(
    0x30,
    Buffer.concat([
      derValue(0x02, derInteger(header.number)),
      derValue(0x04, header.previousHash),
      derValue(0x04, header.dataHash),
    ]),
  );
}

/** Hash of the block's transactions: SHA-256 over the envelopes one after the other. */
export function dataHashOf(envelopes: readonly Uint8Array[]): Buffer {
  return sha256(...envelopes);
}

function derValue(tag: number, content: Uint8Array): Buffer {
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = derInteger(content.length).filter((byte, index) => index > 0 || byte !== 0);
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

function derInteger(value: number): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.from(even, 'hex');
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}
