import { common, peer } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../crypto/hashes';
import type { SignedDatum } from '../policy/signature-policy';
import { decodeRwset, type NamespaceRwset } from '../state/rwset';
import { decodeShared } from '../wire/protobuf';

const CODES = peer.TxValidationCode;

/** `peer.TxValidationCode`. */
export type ValidationCode = number;

/** What every well-formed transaction has. */
export interface TransactionHeader {
  readonly channelHeader: common.ChannelHeader;
  readonly type: number;
  readonly txId: string;
  readonly nonce: Uint8Array;
  /** `msp.SerializedIdentity` bytes. */
  readonly creator: Uint8Array;
  /** Signed bytes of the envelope. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Content under the header. */
  readonly data: Uint8Array;
}

/** What an endorser transaction asks for. */
export interface EndorsedAction {
  readonly chaincode: string;
  readonly rwset: readonly NamespaceRwset[];
  /** Serialized `peer.ChaincodeEvent`, empty when the chaincode set none. */
  readonly event: Uint8Array;
  /** What the endorsers signed, in the order of the transaction. */
  readonly endorsements: readonly SignedDatum[];
}

/**
 * Everything about a transaction that follows from its bytes alone. The checks of Fabric are done
 * in stages with state between them, so each stage has its own code; 0 = the stage passed.
 */
export interface ParsedTransaction {
  /** From the channel header if that much can be read, else ''. */
  readonly txId: string;
  /** Undecodable envelope, payload or header (codes 255, 2, 3). */
  readonly formCode: ValidationCode;
  readonly header: TransactionHeader | undefined;
  /** Type, transaction id and proposal hash (codes 7, 8, 5). */
  readonly bindingCode: ValidationCode;
  /** Chaincode action and its parts (codes 19, 21, 22, 255, 25, 23). */
  readonly actionCode: ValidationCode;
  readonly action: EndorsedAction | undefined;
}

/** Carries a validation code out of nested decoding. */
class Invalid extends Error {
  readonly code: ValidationCode;

  constructor(code: ValidationCode) {
    super(`validation code ${String(code)}`);
    this.code = code;
  }
}

function attempt<T>(code: ValidationCode, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw error instanceof Invalid ? error : new Invalid(code);
  }
}

function codeOf(error: unknown): ValidationCode {
  if (error instanceof Invalid) return error.code;
  throw error;
}

const HEADER_TYPES: readonly number[] = [
  common.HeaderType.ENDORSER_TRANSACTION,
  common.HeaderType.CONFIG_UPDATE,
  common.HeaderType.CONFIG,
];

function readHeader(payload: common.Payload, envelope: common.Envelope): TransactionHeader {
  return attempt(CODES.BAD_COMMON_HEADER, () => {
    const header = payload.getHeader();
    if (!header) throw new Invalid(CODES.BAD_COMMON_HEADER);
    const channel = decodeShared(common.ChannelHeader, header.getChannelHeader_asU8());
    const signer = decodeShared(common.SignatureHeader, header.getSignatureHeader_asU8());
    const nonce = signer.getNonce_asU8();
    const creator = signer.getCreator_asU8();
    const wellFormed = HEADER_TYPES.includes(channel.getType()) && channel.getEpoch() === 0;
    if (!wellFormed || nonce.length === 0 || creator.length === 0) {
      throw new Invalid(CODES.BAD_COMMON_HEADER);
    }
    return {
      channelHeader: channel,
      type: channel.getType(),
      txId: channel.getTxId(),
      nonce,
      creator,
      payload: envelope.getPayload_asU8(),
      signature: envelope.getSignature_asU8(),
      data: payload.getData_asU8(),
    };
  });
}

/** The id even of a transaction that is refused, because the index has it all the same. */
function readTxId(payload: common.Payload): string {
  try {
    const bytes = payload.getHeader()?.getChannelHeader_asU8() ?? Buffer.of();
    return decodeShared(common.ChannelHeader, bytes).getTxId();
  } catch {
    return '';
  }
}

/** The only action of the transaction, bound to its proposal by the proposal hash. */
function readBinding(
  payload: common.Payload,
  header: TransactionHeader,
): peer.ChaincodeActionPayload {
  return attempt(CODES.INVALID_ENDORSER_TRANSACTION, () => {
    const actions = decodeShared(peer.Transaction, header.data).getActionsList();
    const [action] = actions;
    if (action === undefined || actions.length !== 1) {
      throw new Invalid(CODES.INVALID_ENDORSER_TRANSACTION);
    }
    const signer = decodeShared(common.SignatureHeader, action.getHeader_asU8());
    const content = decodeShared(peer.ChaincodeActionPayload, action.getPayload_asU8());
    const response = decodeShared(
      peer.ProposalResponsePayload,
      content.getAction()?.getProposalResponsePayload_asU8() ?? Buffer.of(),
    );
    const hash = sha256(
      payload.getHeader()?.getChannelHeader_asU8() ?? Buffer.of(),
      action.getHeader_asU8(),
      content.getChaincodeProposalPayload_asU8(),
    );
    const complete = signer.getNonce_asU8().length > 0 && signer.getCreator_asU8().length > 0;
    if (!complete || !hash.equals(response.getProposalHash_asU8())) {
      throw new Invalid(CODES.INVALID_ENDORSER_TRANSACTION);
    }
    return content;
  });
}

function checkTxId(header: TransactionHeader): void {
  const expected = sha256(header.nonce, header.creator).toString('hex');
  if (header.txId !== expected) throw new Invalid(CODES.BAD_PROPOSAL_TXID);
}

/** The name both the header and the action give, checked as Fabric's dispatcher does. */
function readChaincode(header: TransactionHeader, action: peer.ChaincodeAction): string {
  const extension = attempt(CODES.BAD_HEADER_EXTENSION, () =>
    decodeShared(peer.ChaincodeHeaderExtension, header.channelHeader.getExtension_asU8()),
  );
  const invoked = extension.getChaincodeId();
  const endorsed = action.getChaincodeId();
  if (!invoked || !endorsed) throw new Invalid(CODES.INVALID_OTHER_REASON);
  const name = invoked.getName();
  if (name === '' || name !== endorsed.getName() || endorsed.getVersion() === '') {
    throw new Invalid(CODES.INVALID_CHAINCODE);
  }
  return name;
}

function checkEvent(bytes: Uint8Array, chaincode: string): void {
  if (bytes.length === 0) return;
  const event = attempt(CODES.INVALID_OTHER_REASON, () => decodeShared(peer.ChaincodeEvent, bytes));
  if (event.getChaincodeId() !== chaincode) throw new Invalid(CODES.INVALID_OTHER_REASON);
}

function checkNamespaces(rwset: readonly NamespaceRwset[]): void {
  if (new Set(rwset.map(({ namespace }) => namespace)).size !== rwset.length) {
    throw new Invalid(CODES.ILLEGAL_WRITESET);
  }
}

function signedBy(content: peer.ChaincodeActionPayload): SignedDatum[] {
  const action = content.getAction();
  const response = action?.getProposalResponsePayload_asU8() ?? Buffer.of();
  return (action?.getEndorsementsList() ?? []).map((endorsement) => {
    const identity = endorsement.getEndorser_asU8();
    return {
      data: Buffer.concat([response, identity]),
      identity,
      signature: endorsement.getSignature_asU8(),
    };
  });
}

function readAction(
  header: TransactionHeader,
  content: peer.ChaincodeActionPayload,
): EndorsedAction {
  // Fabric looks at the header extension before the action; only the codes show the order.
  attempt(CODES.BAD_HEADER_EXTENSION, () =>
    decodeShared(peer.ChaincodeHeaderExtension, header.channelHeader.getExtension_asU8()),
  );
  const action = attempt(CODES.BAD_RESPONSE_PAYLOAD, () => {
    const response = content.getAction()?.getProposalResponsePayload_asU8() ?? Buffer.of();
    const extension = decodeShared(peer.ProposalResponsePayload, response);
    return decodeShared(peer.ChaincodeAction, extension.getExtension_asU8());
  });
  const rwset = attempt(CODES.BAD_RWSET, () => decodeRwset(action.getResults_asU8()));
  const chaincode = readChaincode(header, action);
  const event = action.getEvents_asU8();
  checkEvent(event, chaincode);
  checkNamespaces(rwset);
  return { chaincode, rwset, event, endorsements: signedBy(content) };
}

const UNREADABLE = {
  txId: '',
  header: undefined,
  bindingCode: 0,
  actionCode: 0,
  action: undefined,
} as const;

function parseEndorserTransaction(
  payload: common.Payload,
  header: TransactionHeader,
): Pick<ParsedTransaction, 'bindingCode' | 'actionCode' | 'action'> {
  let content: peer.ChaincodeActionPayload;
  try {
    checkTxId(header);
    content = readBinding(payload, header);
  } catch (error) {
    return { bindingCode: codeOf(error), actionCode: 0, action: undefined };
  }
  try {
    return { bindingCode: 0, actionCode: 0, action: readAction(header, content) };
  } catch (error) {
    return { bindingCode: 0, actionCode: codeOf(error), action: undefined };
  }
}

function parse(bytes: Uint8Array): ParsedTransaction {
  let envelope: common.Envelope;
  let payload: common.Payload;
  try {
    envelope = attempt(CODES.INVALID_OTHER_REASON, () => decodeShared(common.Envelope, bytes));
    payload = attempt(CODES.BAD_PAYLOAD, () =>
      decodeShared(common.Payload, envelope.getPayload_asU8()),
    );
  } catch (error) {
    return { ...UNREADABLE, formCode: codeOf(error) };
  }
  const txId = readTxId(payload);
  let header: TransactionHeader;
  try {
    header = readHeader(payload, envelope);
  } catch (error) {
    return { ...UNREADABLE, txId, formCode: codeOf(error) };
  }
  const passed = { ...UNREADABLE, txId, header, formCode: 0 };
  if (header.type === common.HeaderType.CONFIG_UPDATE) {
    return { ...passed, bindingCode: CODES.UNSUPPORTED_TX_PAYLOAD };
  }
  if (header.type === common.HeaderType.CONFIG) return passed;
  return { ...passed, ...parseEndorserTransaction(payload, header) };
}

const parsed = new WeakMap<Uint8Array, ParsedTransaction>();

/**
 * Takes a serialized envelope apart, once for each array object: peers of one process that commit
 * the same block object share the result. Never throws; what is wrong is in the codes
 * (Fabric: `core/common/validation/msgvalidation.go`, `plugindispatcher/dispatcher.go`).
 */
export function parseTransaction(envelope: Uint8Array): ParsedTransaction {
  const known = parsed.get(envelope);
  if (known) return known;
  const result = parse(envelope);
  parsed.set(envelope, result);
  return result;
}
