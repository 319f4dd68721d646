/** The block of a receipt and those that follow it. */
import { equalBytes, fromBase64url, type Receipt } from '@procurement/protocol';
import {
  blockDataHash,
  blockHeaderHash,
  type BlockHeaderRead,
  METADATA_SLOTS,
  VALID,
} from '@procurement/protocol/fabric';
import { check } from '../check';
import type { Configurations } from './ordering';

/** A header as a receipt writes it. */
type HeaderText = Pick<Receipt['block'], 'number' | 'previousHash' | 'dataHash'>;

/**
 * The ordering service signed the block and each that follows; each repeats the hash of the one
 * before; and where the block's content is there, it comes to the signed hash and holds the
 * transaction, once, as valid.
 * @param about.envelope the transaction as the organisations attest it
 * @throws {CheckFailed}
 */
export async function checkBlock(
  { block, headers }: Receipt,
  about: { readonly envelope: Uint8Array; readonly configurations: Configurations },
): Promise<void> {
  const { envelope, configurations } = about;
  let header = headerOf(block);
  const slot = fromBase64url(block.metadata[METADATA_SLOTS.signatures] ?? '');
  await configurations.checkOrdered(header, slot);
  if (block.data !== undefined) await checkContent({ ...block, data: block.data }, envelope);
  for (const following of headers) {
    const next = headerOf(following);
    const isNext =
      next.number === header.number + 1 &&
      equalBytes(next.previousHash, await blockHeaderHash(header));
    check(isNext, `block ${next.number} does not follow block ${header.number}`, 'BLOCK');
    await configurations.checkOrdered(next, fromBase64url(following.signatures));
    header = next;
  }
}

async function checkContent(
  block: Receipt['block'] & { readonly data: readonly string[] },
  envelope: Uint8Array,
): Promise<void> {
  const data = block.data.map(fromBase64url);
  const isWhole = equalBytes(await blockDataHash(data), fromBase64url(block.dataHash));
  check(isWhole, `what block ${block.number} holds does not come to its hash`, 'BLOCK');
  const at = data.findIndex((one) => equalBytes(one, envelope));
  check(at >= 0, `block ${block.number} does not hold the transaction`);
  const codes = fromBase64url(block.metadata[METADATA_SLOTS.transactionsFilter] ?? '');
  check(codes[at] === VALID, `block ${block.number} marks the transaction as invalid`);
}

function headerOf({ number, previousHash, dataHash }: HeaderText): BlockHeaderRead {
  return {
    number,
    previousHash: fromBase64url(previousHash),
    dataHash: fromBase64url(dataHash),
  };
}
