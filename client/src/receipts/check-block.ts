/** The block of a receipt and those that follow it. */
import { equalBytes, fromBase64url, type Receipt } from '@procurement/protocol';
import {
  blockDataHash,
  blockHeaderHash,
  type BlockHeaderRead,
  type BlockSignatureRead,
  FabricMessageError,
  METADATA_SLOTS,
  readBlockSignatures,
  VALID,
} from '@procurement/protocol/fabric';
import { check, CheckFailed } from '../check';
import { keyOfNode, type PinnedRoots } from '../signing/roots';
import { isSignatureOf } from '../signing/signer';

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
  about: { readonly envelope: Uint8Array; readonly roots: PinnedRoots },
): Promise<void> {
  const { envelope, roots } = about;
  let header = headerOf(block);
  await checkOrdered(header, {
    slot: fromBase64url(block.metadata[METADATA_SLOTS.signatures] ?? ''),
    roots,
  });
  if (block.data !== undefined) await checkContent({ ...block, data: block.data }, envelope);
  for (const following of headers) {
    const next = headerOf(following);
    const isNext =
      next.number === header.number + 1 &&
      equalBytes(next.previousHash, await blockHeaderHash(header));
    check(isNext, `block ${next.number} does not follow block ${header.number}`);
    await checkOrdered(next, { slot: fromBase64url(following.signatures), roots });
    header = next;
  }
}

async function checkContent(
  block: Receipt['block'] & { readonly data: readonly string[] },
  envelope: Uint8Array,
): Promise<void> {
  const data = block.data.map(fromBase64url);
  const isWhole = equalBytes(await blockDataHash(data), fromBase64url(block.dataHash));
  check(isWhole, `what block ${block.number} holds does not come to its hash`);
  const at = data.findIndex((one) => equalBytes(one, envelope));
  check(at >= 0, `block ${block.number} does not hold the transaction`);
  const codes = fromBase64url(block.metadata[METADATA_SLOTS.transactionsFilter] ?? '');
  check(codes[at] === VALID, `block ${block.number} marks the transaction as invalid`);
}

/**
 * Somebody of the ordering service signed the block, and every signature holds under a pinned root.
 * @param about.slot serialised `common.Metadata` of the slot of signatures
 * @throws {CheckFailed}
 */
export async function checkOrdered(
  header: BlockHeaderRead,
  about: { readonly slot: Uint8Array; readonly roots: PinnedRoots },
): Promise<void> {
  const signatures = signaturesOf(about.slot, header);
  check(signatures.length > 0, `no one of the ordering service signed block ${header.number}`);
  for (const { signer, signature, signed } of signatures) {
    const publicKey = await keyOfNode(about.roots, { ...signer, role: 'orderer' });
    const holds = await isSignatureOf({ publicKey, message: signed, signature });
    check(holds, `the ordering service's signature of block ${header.number} does not hold`);
  }
}

function signaturesOf(slot: Uint8Array, header: BlockHeaderRead): readonly BlockSignatureRead[] {
  try {
    return readBlockSignatures(slot, header);
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    const what = `the ordering service's signature of block ${header.number}`;
    throw new CheckFailed(`${what} cannot be read: ${error.part}`);
  }
}

function headerOf({ number, previousHash, dataHash }: HeaderText): BlockHeaderRead {
  return {
    number,
    previousHash: fromBase64url(previousHash),
    dataHash: fromBase64url(dataHash),
  };
}
