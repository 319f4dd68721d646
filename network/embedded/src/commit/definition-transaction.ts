import { randomBytes } from 'node:crypto';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, peer } from '@hyperledger/fabric-protos';
import { sha256 } from '../crypto/hashes';
import type { SigningIdentity } from '../identity/signing-identity';
import { DEFINITION_FIELDS, LIFECYCLE, fieldKey, metadataKey } from '../state/lifecycle-keys';
import { TxSimulator } from '../state/simulator';
import type { StateSnapshot } from '../state/snapshot';

const NONCE_BYTES = 24;

/** A chaincode definition that is to be committed. */
export interface NewDefinition {
  readonly name: string;
  readonly version: string;
  /** 1 for a new chaincode, else one more than the current definition's. */
  readonly sequence: number;
  readonly policy: peer.ApplicationPolicy;
  readonly initRequired?: boolean;
  readonly collections?: peer.CollectionConfigPackage;
}

/** Who commits a definition and on which ledger. */
export interface DefinitionContext {
  readonly channelId: string;
  /** The state the transaction reads. Released at the end. */
  readonly snapshot: StateSnapshot;
  /** Signs the transaction: a client or an administrator. */
  readonly creator: SigningIdentity;
  /** Peers that satisfy `/Channel/Application/LifecycleEndorsement`. */
  readonly endorsers: readonly SigningIdentity[];
  readonly now: Date;
}

function bytesField(bytes: Uint8Array): Uint8Array {
  const data = new peer.lifecycle.StateData();
  data.setBytes(bytes);
  return data.serializeBinary();
}

/** Values of `DEFINITION_FIELDS`, in that order (Fabric: `lifecycle/serializer.go`). */
function fieldValues(definition: NewDefinition): Uint8Array[] {
  const sequence = new peer.lifecycle.StateData();
  sequence.setInt64(definition.sequence);
  const endorsement = new peer.lifecycle.ChaincodeEndorsementInfo();
  endorsement.setVersion(definition.version);
  endorsement.setInitRequired(definition.initRequired ?? false);
  endorsement.setEndorsementPlugin('escc');
  const validation = new peer.lifecycle.ChaincodeValidationInfo();
  validation.setValidationPlugin('vscc');
  validation.setValidationParameter(definition.policy.serializeBinary());
  const collections = definition.collections ?? new peer.CollectionConfigPackage();
  return [
    sequence.serializeBinary(),
    bytesField(endorsement.serializeBinary()),
    bytesField(validation.serializeBinary()),
    bytesField(collections.serializeBinary()),
  ];
}

function differs(stored: Uint8Array | undefined, value: Uint8Array): boolean {
  return stored === undefined || Buffer.compare(stored, value) !== 0;
}

function simulate(simulator: TxSimulator, definition: NewDefinition): Buffer {
  const metadata = new peer.lifecycle.StateMetadata();
  metadata.setDatatype('ChaincodeDefinition');
  metadata.setFieldsList([...DEFINITION_FIELDS]);
  const values = fieldValues(definition);
  const entries = DEFINITION_FIELDS.map(
    (field, at) => [fieldKey(definition.name, field), values[at] ?? Buffer.of()] as const,
  );
  for (const [key, value] of [
    [metadataKey(definition.name), metadata.serializeBinary()] as const,
    ...entries,
  ]) {
    const stored = simulator.get(LIFECYCLE, key);
    if (differs(stored, value)) simulator.put({ namespace: LIFECYCLE, key }, value);
  }
  return simulator.results().rwset;
}

function proposalInput(definition: NewDefinition): Uint8Array {
  const args = new peer.lifecycle.CommitChaincodeDefinitionArgs();
  args.setName(definition.name);
  args.setVersion(definition.version);
  args.setSequence(definition.sequence);
  args.setEndorsementPlugin('escc');
  args.setValidationPlugin('vscc');
  args.setValidationParameter(definition.policy.serializeBinary());
  args.setInitRequired(definition.initRequired ?? false);
  if (definition.collections) args.setCollections(definition.collections);
  const input = new peer.ChaincodeInput();
  input.setArgsList([Buffer.from('CommitChaincodeDefinition'), args.serializeBinary()]);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.GOLANG);
  spec.setChaincodeId(lifecycleId());
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const proposal = new peer.ChaincodeProposalPayload();
  proposal.setInput(invocation.serializeBinary());
  return proposal.serializeBinary();
}

function lifecycleId(version = ''): peer.ChaincodeID {
  const id = new peer.ChaincodeID();
  id.setName(LIFECYCLE);
  id.setVersion(version);
  return id;
}

function buildHeader(
  { channelId, creator, now }: DefinitionContext,
  txNonce: Buffer,
): common.Header {
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(lifecycleId());
  const channel = new common.ChannelHeader();
  channel.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channel.setChannelId(channelId);
  channel.setTxId(sha256(txNonce, creator.serialized).toString('hex'));
  channel.setTimestamp(Timestamp.fromDate(now));
  channel.setExtension$(extension.serializeBinary());
  const signature = new common.SignatureHeader();
  signature.setCreator(creator.serialized);
  signature.setNonce(txNonce);
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  header.setSignatureHeader(signature.serializeBinary());
  return header;
}

function responsePayload(proposalHash: Buffer, rwset: Buffer): Uint8Array {
  const response = new peer.Response();
  response.setStatus(200);
  const action = new peer.ChaincodeAction();
  action.setResults(rwset);
  action.setResponse(response);
  action.setChaincodeId(lifecycleId('syscc'));
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(proposalHash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

function endorse(payload: Uint8Array, endorsers: readonly SigningIdentity[]): peer.Endorsement[] {
  return endorsers.map((endorser) => {
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(endorser.serialized);
    endorsement.setSignature(endorser.sign(Buffer.concat([payload, endorser.serialized])));
    return endorsement;
  });
}

function assemble(
  header: common.Header,
  parts: { input: Uint8Array; payload: Uint8Array; endorsements: peer.Endorsement[] },
): common.Payload {
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(parts.payload);
  endorsed.setEndorsementsList(parts.endorsements);
  const content = new peer.ChaincodeActionPayload();
  content.setChaincodeProposalPayload(parts.input);
  content.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(header.getSignatureHeader_asU8());
  action.setPayload(content.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([action]);
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transaction.serializeBinary());
  return payload;
}

/**
 * Builds the transaction that commits a chaincode definition, as peers would endorse it: an
 * ordinary endorser transaction that writes the `_lifecycle` namespace. It takes the place of
 * `peer lifecycle chaincode commit`; the approvals before it are left out.
 */
export async function buildDefinitionTransaction(
  definition: NewDefinition,
  context: DefinitionContext,
): Promise<common.Envelope> {
  const header = buildHeader(context, randomBytes(NONCE_BYTES));
  const channelHeader = header.getChannelHeader_asU8();
  const txId = common.ChannelHeader.deserializeBinary(channelHeader).getTxId();
  const simulator = new TxSimulator({ ...context, txId });
  try {
    const rwset = simulate(simulator, definition);
    const input = proposalInput(definition);
    const hash = sha256(channelHeader, header.getSignatureHeader_asU8(), input);
    const payload = responsePayload(hash, rwset);
    const endorsements = endorse(payload, context.endorsers);
    const content = assemble(header, { input, payload, endorsements }).serializeBinary();
    const envelope = new common.Envelope();
    envelope.setPayload(content);
    envelope.setSignature(context.creator.sign(content));
    return envelope;
  } finally {
    await simulator.done();
  }
}
