/** The configurations under which blocks were ordered, for receipts of a Byzantine service. */
import { common } from '@hyperledger/fabric-protos';
import { RECEIPT_CONFIGURATIONS_MAX } from '@procurement/protocol';

const { SIGNATURES } = common.BlockMetadataIndex;

/**
 * Blocks of configuration after the channel's first one, in their order, up to the one under which
 * a block was ordered; none where its signers are named by their certificates.
 * @param blockAt gives a block by its number, serialised `common.Block`
 */
export async function configurationsOf(
  bytes: Uint8Array,
  blockAt: (number: number) => Promise<Uint8Array>,
): Promise<readonly Uint8Array[]> {
  const signatures = signaturesOf(bytes);
  const found: Uint8Array[] = [];
  if (!isNumbered(signatures)) return found;
  let last = lastConfigurationIn(signatures);
  while (last > 0 && found.length < RECEIPT_CONFIGURATIONS_MAX) {
    found.unshift(await blockAt(last));
    last = lastConfigurationIn(signaturesOf(await blockAt(last - 1)));
  }
  return found;
}

function signaturesOf(bytes: Uint8Array): common.Metadata {
  const slots = common.Block.deserializeBinary(bytes).getMetadata()?.getMetadataList_asU8() ?? [];
  return common.Metadata.deserializeBinary(slots[SIGNATURES] ?? new Uint8Array());
}

/** Whether consenters sign by numbers that only a configuration explains. */
function isNumbered(metadata: common.Metadata): boolean {
  const signatures = metadata.getSignaturesList();
  return signatures.some((one) => one.getIdentifierHeader_asU8().length > 0);
}

function lastConfigurationIn(metadata: common.Metadata): number {
  const ordered = common.OrdererBlockMetadata.deserializeBinary(metadata.getValue_asU8());
  return ordered.getLastConfig()?.getIndex() ?? 0;
}
