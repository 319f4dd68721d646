import type { common } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../crypto/hashes';

/** The parts of a block header that its hash covers. */
export interface HeaderParts {
  readonly number: number;
  /** Empty in block 0. */
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([0x80 | digits.length, ...digits]);
}

function der(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag), derLength(content.length), content]);
}

function derInteger(value: number): Buffer {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  if (digits.length === 0) digits.push(0);
  // DER integers are signed: a leading zero keeps a number with the top bit set positive.
  if ((digits[0] ?? 0) >= 0x80) digits.unshift(0);
  return der(0x02, Buffer.from(digits));
}

/**
 * The bytes of a header that are hashed and that the orderer signs: DER SEQUENCE of number,
 * previous hash and data hash (Fabric: `protoutil.BlockHeaderBytes`).
 */
export function blockHeaderBytes({ number, previousHash, dataHash }: HeaderParts): Buffer {
  const content = [derInteger(number), der(0x04, previousHash), der(0x04, dataHash)];
  return der(0x30, Buffer.concat(content));
}

/** SHA-256 of `blockHeaderBytes`; the next block carries it as its previous hash. */
export function blockHeaderHash(parts: HeaderParts): Buffer {
  return sha256(blockHeaderBytes(parts));
}

/** SHA-256 of the serialized envelopes, one after the other (Fabric: `ComputeBlockDataHash`). */
export function blockDataHash(envelopes: readonly Uint8Array[]): Buffer {
  return sha256(...envelopes);
}

/** The header of a block as plain data. A block without one gives number 0 and empty hashes. */
export function headerParts(block: common.Block): HeaderParts {
  const header = block.getHeader();
  return {
    number: header?.getNumber() ?? 0,
    previousHash: header?.getPreviousHash_asU8() ?? Buffer.of(),
    dataHash: header?.getDataHash_asU8() ?? Buffer.of(),
  };
}
