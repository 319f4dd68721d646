import { describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { configurationsOf } from './configurations';

/** A block ordered under a configuration, signed by a number or by a certificate. */
function blockUnder(
  configuration: number,
  signer: 'number' | 'certificate' = 'number',
): Uint8Array {
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(configuration);
  const ordered = new common.OrdererBlockMetadata();
  ordered.setLastConfig(lastConfig);
  const signature = new common.MetadataSignature();
  if (signer === 'number') signature.setIdentifierHeader(Uint8Array.of(8, 1));
  else signature.setSignatureHeader(Uint8Array.of(10, 0));
  const metadata = new common.Metadata();
  metadata.setValue(ordered.serializeBinary());
  metadata.setSignaturesList([signature]);
  const slots = new common.BlockMetadata();
  slots.setMetadataList([metadata.serializeBinary()]);
  const block = new common.Block();
  block.setMetadata(slots);
  return block.serializeBinary();
}

/** Blocks 3 and 5 changed the configuration. */
const chain = [0, 0, 0, 3, 3, 5, 5].map((configuration) => blockUnder(configuration));

async function numbersFor(block: Uint8Array): Promise<number[]> {
  const found = await configurationsOf(block, (number) => Promise.resolve(chain[number]!));
  return found.map((bytes) => chain.indexOf(bytes));
}

describe('the configurations of a receipt', () => {
  test.each([
    [0, []],
    [3, [3]],
    [5, [3, 5]],
  ])('of a block under that of block %i are those since the first', async (number, numbers) => {
    expect(await numbersFor(blockUnder(number))).toEqual(numbers);
  });

  test('are left out where the signers show their certificates', async () => {
    expect(await numbersFor(blockUnder(5, 'certificate'))).toEqual([]);
  });
});
