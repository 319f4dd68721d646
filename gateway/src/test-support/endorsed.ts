import { common, ledger, peer } from '@hyperledger/fabric-protos';
import { readProposal, sha256Of } from '@procurement/protocol/fabric';

type ReadWriteSet = ledger.rwset.TxReadWriteSet;

/** What a test changes in an endorsed transaction. */
export interface EndorsedChanges {
  readonly actions?: number;
  readonly chaincode?: string;
  readonly status?: number;
  readonly sets?: (sets: ReadWriteSet) => void;
}

/**
 * Serialised `common.Payload` of a proposal that peers endorsed with one write, for a person to
 * sign. Its endorsements are no signatures, which a gateway does not look at.
 */
export async function endorsedPayload(
  proposalBytes: Uint8Array,
  changes: EndorsedChanges = {},
): Promise<Uint8Array> {
  const proposal = await readProposal(proposalBytes);
  const { channelHeader, signatureHeader, payload } = proposal;
  const response = new peer.ProposalResponsePayload();
  response.setProposalHash(await sha256Of(channelHeader, signatureHeader, payload));
  response.setExtension$(chaincodeAction(changes).serializeBinary());
  const endorsement = new peer.Endorsement();
  endorsement.setSignature(Buffer.from('signature'));
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response.serializeBinary());
  endorsed.addEndorsements(endorsement);
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(payload);
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(signatureHeader);
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList(Array.from({ length: changes.actions ?? 1 }, () => action));
  const header = new common.Header();
  header.setChannelHeader(channelHeader);
  header.setSignatureHeader(signatureHeader);
  const whole = new common.Payload();
  whole.setHeader(header);
  whole.setData(transaction.serializeBinary());
  return whole.serializeBinary();
}

/** Adds what a transaction would change in one namespace. */
export function addNamespace(
  sets: ReadWriteSet,
  name: string,
  change: (changes: ledger.rwset.kvrwset.KVRWSet) => void,
): ledger.rwset.NsReadWriteSet {
  const changes = new ledger.rwset.kvrwset.KVRWSet();
  change(changes);
  const set = new ledger.rwset.NsReadWriteSet();
  set.setNamespace(name);
  set.setRwset(changes.serializeBinary());
  sets.addNsRwset(set);
  return set;
}

/** A write of one byte. */
export function addWrite(changes: ledger.rwset.kvrwset.KVRWSet): void {
  const write = new ledger.rwset.kvrwset.KVWrite();
  write.setKey('key');
  write.setValue(Uint8Array.of(1));
  changes.addWrites(write);
}

function chaincodeAction({ chaincode, status, sets }: EndorsedChanges): peer.ChaincodeAction {
  const written = new ledger.rwset.TxReadWriteSet();
  if (sets === undefined) addNamespace(written, 'procurement', addWrite);
  sets?.(written);
  const response = new peer.Response();
  response.setStatus(status ?? 200);
  response.setPayload(Buffer.from('{}'));
  const id = new peer.ChaincodeID();
  id.setName(chaincode ?? 'procurement');
  const action = new peer.ChaincodeAction();
  action.setResults(written.serializeBinary());
  action.setResponse(response);
  action.setChaincodeId(id);
  return action;
}
