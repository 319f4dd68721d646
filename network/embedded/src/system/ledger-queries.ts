import { common, peer } from '@hyperledger/fabric-protos';
import { AccessDeniedError, checkAccess } from '../endorse/access-control';
import type { JoinedChannels } from '../channel';
import type { Ledger } from '../state/ledger';
import { failure, signedDatumOf, success, textArgument } from './system-chaincode';
import type { SystemCall, SystemChaincode } from './system-chaincode';

/** What the queries are about. */
export interface LedgerQueryParts {
  readonly channels: JoinedChannels;
}

type Query = (ledger: Ledger, argument: Buffer) => peer.Response;

const largestUint64 = 2n ** 64n - 1n;

const queries: Readonly<Record<string, Query>> = {
  GetChainInfo: chainInfo,
  GetBlockByNumber: blockByNumber,
  GetBlockByHash: blockByHash,
  GetBlockByTxID: blockByTxId,
  GetTransactionByID: transactionById,
};

/** The `qscc` chaincode: blocks and transactions by name. Source: core/scc/qscc/query.go. */
export function ledgerQueries(parts: LedgerQueryParts): SystemChaincode {
  return { simulated: false, invoke: (call) => answer(call, parts) };
}

function answer(call: SystemCall, parts: LedgerQueryParts): peer.Response {
  const count = call.args.length;
  if (count < 2) return failure(`Incorrect number of arguments, ${count}`);
  const name = textArgument(call, 0);
  const channelId = textArgument(call, 1);
  if (name !== 'GetChainInfo' && count < 3) return failure(`missing 3rd argument for ${name}`);
  const channel = parts.channels.get(channelId);
  if (!channel) return failure(`Invalid chain ID, ${channelId}`);
  try {
    const signed = signedDatumOf(call.proposal);
    checkAccess({ resource: `qscc/${name}`, channelId, channel: channel.config, signed });
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    return failure(`access denied for [${name}][${channelId}]: [${error.message}]`);
  }
  const query = Object.hasOwn(queries, name) ? queries[name] : undefined;
  if (!query) return failure(`Requested function ${name} not found.`);
  return query(channel.ledger, Buffer.from(call.args[2] ?? []));
}

function chainInfo(ledger: Ledger): peer.Response {
  const info = new common.BlockchainInfo();
  info.setHeight(ledger.height);
  info.setCurrentblockhash(ledger.lastBlockHash);
  const newest = blockAt(ledger, ledger.height - 1);
  info.setPreviousblockhash(newest.getHeader()?.getPreviousHash_asU8() ?? '');
  return success(info.serializeBinary());
}

function blockByNumber(ledger: Ledger, argument: Buffer): peer.Response {
  const text = argument.toString('utf8');
  if (!/^\d+$/.test(text)) {
    return failure(
      `Failed to parse block number with error strconv.ParseUint: parsing ` +
        `${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const asked = BigInt(text);
  if (asked > largestUint64) {
    return failure(
      `Failed to parse block number with error strconv.ParseUint: parsing ` +
        `${JSON.stringify(text)}: value out of range`,
    );
  }
  // Fabric gives the newest block for the largest number (blkstorage: retrieveBlockByNumber).
  const number = asked === largestUint64 ? ledger.height - 1 : Number(asked);
  const bytes = ledger.blockBytes(number);
  if (bytes) return success(bytes);
  return failure(
    `Failed to get block number ${number}, error no such block number [${number}] in index`,
  );
}

function blockByHash(ledger: Ledger, hash: Buffer): peer.Response {
  const number = ledger.blockNumberByHash(hash);
  const bytes = number === undefined ? undefined : ledger.blockBytes(number);
  if (bytes) return success(bytes);
  return failure(
    `Failed to get block hash ${hash.toString('utf8')}, ` +
      `error no such block hash [${hash.toString('hex')}] in index`,
  );
}

function blockByTxId(ledger: Ledger, argument: Buffer): peer.Response {
  const txId = argument.toString('utf8');
  const number = ledger.blockNumberByTxId(txId);
  const bytes = number === undefined ? undefined : ledger.blockBytes(number);
  if (bytes) return success(bytes);
  return failure(
    `Failed to get block for txID ${txId}, error no such transaction ID [${txId}] in index`,
  );
}

function transactionById(ledger: Ledger, argument: Buffer): peer.Response {
  const txId = argument.toString('utf8');
  const found = ledger.transaction(txId);
  if (!found) {
    return failure(
      `Failed to get transaction with id ${txId}, error no such transaction ID [${txId}] in index`,
    );
  }
  const processed = new peer.ProcessedTransaction();
  processed.setTransactionenvelope(found.envelope);
  processed.setValidationcode(found.validationCode);
  return success(processed.serializeBinary());
}

function blockAt(ledger: Ledger, number: number): common.Block {
  return common.Block.deserializeBinary(ledger.blockBytes(number) ?? new Uint8Array());
}
