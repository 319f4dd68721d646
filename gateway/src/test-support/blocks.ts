import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';

/** A transaction as a test describes it. */
export interface TestTransaction {
  readonly transactionId: string;
  readonly mspId: string;
  readonly certificate: string;
  readonly at: string;
  readonly args: readonly string[];
  readonly writes?: Readonly<Record<string, string>>;
  readonly event?: { readonly name: string; readonly payload: unknown };
  /** `protos.TxValidationCode`; VALID where it is left out. */
  readonly code?: number;
}

const CHAINCODE = 'procurement';

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}

/** Field 3 of a channel header, a `google.protobuf.Timestamp`. */
function timestampField(at: string): Buffer {
  const milliseconds = Date.parse(at);
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = (milliseconds - seconds * 1000) * 1_000_000;
  const message = [0x08, ...varint(seconds), 0x10, ...varint(nanos)];
  return Buffer.from([0x1a, message.length, ...message]);
}

function proposalPayload(args: readonly string[]): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => Buffer.from(arg)));
  const spec = new peer.ChaincodeSpec();
  const id = new peer.ChaincodeID();
  id.setName(CHAINCODE);
  spec.setChaincodeId(id);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload.serializeBinary();
}

function readWriteSet(writes: Readonly<Record<string, string>>): Uint8Array {
  const set = new ledger.rwset.kvrwset.KVRWSet();
  for (const [key, value] of Object.entries(writes)) {
    const write = new ledger.rwset.kvrwset.KVWrite();
    write.setKey(key);
    write.setValue(Buffer.from(value));
    write.setIsDelete(value === '');
    set.addWrites(write);
  }
  const namespace = new ledger.rwset.NsReadWriteSet();
  namespace.setNamespace(CHAINCODE);
  namespace.setRwset(set.serializeBinary());
  const lifecycle = new ledger.rwset.NsReadWriteSet();
  lifecycle.setNamespace('_lifecycle');
  const all = new ledger.rwset.TxReadWriteSet();
  all.setNsRwsetList([lifecycle, namespace]);
  return all.serializeBinary();
}

function responsePayload(transaction: TestTransaction): Uint8Array {
  const action = new peer.ChaincodeAction();
  action.setResults(readWriteSet(transaction.writes ?? {}));
  if (transaction.event !== undefined) {
    const event = new peer.ChaincodeEvent();
    event.setEventName(transaction.event.name);
    event.setPayload(Buffer.from(JSON.stringify(transaction.event.payload)));
    action.setEvents(event.serializeBinary());
  }
  const payload = new peer.ProposalResponsePayload();
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

function transactionBytes(transaction: TestTransaction): Uint8Array {
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(responsePayload(transaction));
  const payload = new peer.ChaincodeActionPayload();
  payload.setChaincodeProposalPayload(proposalPayload(transaction.args));
  payload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setPayload(payload.serializeBinary());
  const result = new peer.Transaction();
  result.addActions(action);
  return result.serializeBinary();
}

function envelopeOf(transaction: TestTransaction): Uint8Array {
  const channel = new common.ChannelHeader();
  channel.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channel.setTxId(transaction.transactionId);
  const identity = new msp.SerializedIdentity();
  identity.setMspid(transaction.mspId);
  identity.setIdBytes(Buffer.from(transaction.certificate));
  const signature = new common.SignatureHeader();
  signature.setCreator(identity.serializeBinary());
  const header = new common.Header();
  header.setChannelHeader(
    Buffer.concat([channel.serializeBinary(), timestampField(transaction.at)]),
  );
  header.setSignatureHeader(signature.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transactionBytes(transaction));
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

/** A block with these transactions, as a peer stores it; text stands for a broken envelope. */
export function testBlock(
  number: number,
  transactions: readonly (TestTransaction | string)[],
): Uint8Array {
  const header = new common.BlockHeader();
  header.setNumber(number);
  const data = new common.BlockData();
  data.setDataList(
    transactions.map((each) => (typeof each === 'string' ? Buffer.from(each) : envelopeOf(each))),
  );
  const codes = transactions.map((each) => (typeof each === 'string' ? 2 : (each.code ?? 0)));
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([
    new Uint8Array(),
    new Uint8Array(),
    Uint8Array.from(codes),
    new Uint8Array(),
    new Uint8Array(),
  ]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block.serializeBinary();
}
