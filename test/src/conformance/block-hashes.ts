import type { common } from '@hyperledger/fabric-protos';
import { sha256 } from '@procurement/network/messages/signer';

/** SHA-256 of the DER of number, previous hash and data hash (protoutil:BlockHeaderHash). */
export function headerHash(block: common.Block): Buffer {
  const header = block.getHeader()!;
  return sha256(
    der(0x30, [
      der(0x02, [unsignedBytes(header.getNumber())]),
      der(0x04, [header.getPreviousHash_asU8()]),
      der(0x04, [header.getDataHash_asU8()]),
    ]),
  );
}

/** SHA-256 of all envelopes, one after the other (protoutil:ComputeBlockDataHash). */
export function dataHash(block: common.Block): Buffer {
  return sha256(...envelopesOf(block));
}

/** The serialized envelopes of a block. */
export function envelopesOf(block: common.Block): Uint8Array[] {
  return block.getData()?.getDataList_asU8() ?? [];
}

/** The metadata slots of a block. */
export function metadataOf(block: common.Block): Uint8Array[] {
  return block.getMetadata()?.getMetadataList_asU8() ?? [];
}

/** A tag, a length below 128 and the content. */
function der(tag: number, parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

function unsignedBytes(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}
