/** Blocks as somebody would change them who wants to be believed. */
import { common } from '@hyperledger/fabric-protos';
import type { Chance } from './chance';

/** The block with one bit of its header or data changed; its metadata hold marks that nobody signs. */
export function tampered(bytes: Uint8Array, chance: Chance): Uint8Array {
  const block = common.Block.deserializeBinary(bytes);
  const signed = bytes.length - (block.getMetadata()?.serializeBinary().length ?? 0);
  const changed = Uint8Array.from(bytes);
  const at = chance.between(0, signed - 8);
  changed[at] = (changed[at] ?? 0) ^ (1 << chance.between(0, 7));
  return changed;
}

/** The block as a peer would keep it that found its first transaction invalid. */
export function markedInvalid(bytes: Uint8Array): Uint8Array {
  const block = common.Block.deserializeBinary(bytes);
  const metadata = block.getMetadata();
  const slots = metadata?.getMetadataList_asU8() ?? [];
  const marks = slots.map((slot, index) =>
    index === common.BlockMetadataIndex.TRANSACTIONS_FILTER ? slot.map(() => 11) : slot,
  );
  metadata?.setMetadataList(marks);
  return block.serializeBinary();
}
