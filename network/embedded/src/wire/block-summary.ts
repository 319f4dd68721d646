import { common, peer } from '@hyperledger/fabric-protos';
import { decodeShared } from './protobuf';

/** A transaction of a block, as much of it as event clients see. */
export interface TransactionSummary {
  /** Empty when the envelope does not decode. */
  readonly txId: string;
  /** common.HeaderType. */
  readonly type: number;
  /** peer.TxValidationCode. */
  readonly code: number;
  readonly event?: peer.ChaincodeEvent;
}

const summaries = new WeakMap<common.Block, readonly TransactionSummary[]>();

/** The transactions of a committed block, in order. Asked often for the same block object. */
export function summarizeBlock(block: common.Block): readonly TransactionSummary[] {
  const known = summaries.get(block);
  if (known) return known;
  const filter = block.getMetadata()?.getMetadataList_asU8()[
    common.BlockMetadataIndex.TRANSACTIONS_FILTER
  ];
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  const summary = envelopes.map((bytes, index) => {
    const code = filter?.[index] ?? peer.TxValidationCode.NOT_VALIDATED;
    return { ...readTransaction(bytes), code };
  });
  summaries.set(block, summary);
  return summary;
}

function readTransaction(bytes: Uint8Array): Omit<TransactionSummary, 'code'> {
  try {
    const envelope = decodeShared(common.Envelope, bytes);
    const payload = decodeShared(common.Payload, envelope.getPayload_asU8());
    const header = decodeShared(
      common.ChannelHeader,
      payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
    );
    const type = header.getType();
    const event =
      type === common.HeaderType.ENDORSER_TRANSACTION ? eventOf(payload.getData_asU8()) : undefined;
    return { txId: header.getTxId(), type, ...(event && { event }) };
  } catch {
    return { txId: '', type: common.HeaderType.MESSAGE };
  }
}

function eventOf(transactionBytes: Uint8Array): peer.ChaincodeEvent | undefined {
  try {
    const transaction = decodeShared(peer.Transaction, transactionBytes);
    const payload = decodeShared(
      peer.ChaincodeActionPayload,
      transaction.getActionsList()[0]?.getPayload_asU8() ?? new Uint8Array(),
    );
    const response = decodeShared(
      peer.ProposalResponsePayload,
      payload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    );
    const action = decodeShared(peer.ChaincodeAction, response.getExtension_asU8());
    const bytes = action.getEvents_asU8();
    return bytes.length > 0 ? decodeShared(peer.ChaincodeEvent, bytes) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A block without contents: ids, codes and names of events, for valid and invalid transactions.
 * Source: core/peer/deliverevents.go:toFilteredBlock.
 */
export function filterBlock(block: common.Block, channelId: string): peer.FilteredBlock {
  const filtered = new peer.FilteredBlock();
  filtered.setChannelId(channelId);
  filtered.setNumber(block.getHeader()?.getNumber() ?? 0);
  filtered.setFilteredTransactionsList(summarizeBlock(block).map(filterTransaction));
  return filtered;
}

function filterTransaction(summary: TransactionSummary): peer.FilteredTransaction {
  const filtered = new peer.FilteredTransaction();
  filtered.setTxid(summary.txId);
  filtered.setType(summary.type as common.HeaderTypeMap[keyof common.HeaderTypeMap]);
  filtered.setTxValidationCode(
    summary.code as peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap],
  );
  if (summary.type !== common.HeaderType.ENDORSER_TRANSACTION) return filtered;
  const actions = new peer.FilteredTransactionActions();
  if (summary.event) actions.addChaincodeActions(filterEvent(summary.event));
  filtered.setTransactionActions(actions);
  return filtered;
}

function filterEvent(event: peer.ChaincodeEvent): peer.FilteredChaincodeAction {
  const named = new peer.ChaincodeEvent();
  named.setChaincodeId(event.getChaincodeId());
  named.setTxId(event.getTxId());
  named.setEventName(event.getEventName());
  const action = new peer.FilteredChaincodeAction();
  action.setChaincodeEvent(named);
  return action;
}
