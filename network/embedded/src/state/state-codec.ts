import type { VersionedValue } from './versioned-value';

const HEADER_BYTES = 16;

/**
 * Bytes of a value in the database: block number (8), position of the transaction (4), length of
 * the metadata (4), metadata, value.
 */
export function encodeValue({ value, version, metadata }: VersionedValue): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeBigUInt64BE(BigInt(version.blockNumber));
  header.writeUInt32BE(version.txNumber, 8);
  header.writeUInt32BE(metadata.length, 12);
  return Buffer.concat([header, metadata, value]);
}

/** The value `encodeValue` wrote. The parts share memory with `bytes`. */
export function decodeValue(bytes: Buffer): VersionedValue {
  const valueAt = HEADER_BYTES + bytes.readUInt32BE(12);
  return {
    version: {
      blockNumber: Number(bytes.readBigUInt64BE()),
      txNumber: bytes.readUInt32BE(8),
    },
    metadata: bytes.subarray(HEADER_BYTES, valueAt),
    value: bytes.subarray(valueAt),
  };
}
