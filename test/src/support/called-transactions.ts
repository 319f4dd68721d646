/** Transactions of the product's chaincode, read out of raw blocks. */
import { common } from '@hyperledger/fabric-protos';
import { type ReadTransaction, readTransaction } from '@procurement/protocol/fabric';
import { validationCodesOf } from './raw-blocks';

/** One call as it stands in a chain. */
export interface CalledTransaction {
  readonly transactionId: string;
  /** `contract:function`. */
  readonly name: string;
  /** The transaction's own time. */
  readonly atMs: number;
  readonly blockNumber: number;
  /** Place in the block. */
  readonly index: number;
  /** Fabric's number of the validation result; 0 is VALID. */
  readonly validationCode: number;
}

/** Every call on a tender, in the order of the chain. */
export async function callsOf(
  blocks: readonly common.Block[],
  tenderId: string,
): Promise<CalledTransaction[]> {
  const calls = await Promise.all(blocks.map((block) => callsIn(block, tenderId)));
  return calls.flat();
}

async function callsIn(block: common.Block, tenderId: string): Promise<CalledTransaction[]> {
  const blockNumber = block.getHeader()?.getNumber() ?? -1;
  const codes = validationCodesOf(block);
  const reads = (block.getData()?.getDataList_asU8() ?? []).map(transactionIn);
  return (await Promise.all(reads)).flatMap((read, index) => {
    const isOfTender = read?.proposal.args[0]?.includes(`"tenderId":"${tenderId}"`) === true;
    if (read === undefined || !isOfTender) return [];
    const { transactionId, transaction: name, atMs } = read.proposal;
    return [{ transactionId, name, atMs, blockNumber, index, validationCode: codes[index] ?? -1 }];
  });
}

/** Undefined for what is no transaction of one action, such as a configuration. */
async function transactionIn(bytes: Uint8Array): Promise<ReadTransaction | undefined> {
  const payload = common.Envelope.deserializeBinary(bytes).getPayload_asU8();
  return readTransaction(payload).catch(() => undefined);
}
