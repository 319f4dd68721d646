import { common, peer } from '@hyperledger/fabric-protos';
import { fillDefinition } from '../../../lifecycle/definition';
import type { Definition } from '../../../lifecycle/definition';
import { createProposal, createTransaction } from '../../../lifecycle/transaction';
import { sha256 } from '../../../crypto/hashes';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { LIFECYCLE } from '../state/lifecycle-keys';
import { TxSimulator } from '../state/simulator';
import type { StateSnapshot } from '../state/snapshot';
import { parametersOf } from '../system/lifecycle/approvals';
import { publicFields } from '../system/lifecycle/lifecycle-state';
import { definitionStructure, writeStructure } from '../system/lifecycle/structures';

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

/**
 * The transaction that commits a chaincode definition, for ledgers without peers: endorsed without
 * approvals.
 */
export async function buildDefinitionTransaction(
  { sequence, ...definition }: Definition & { readonly sequence: number },
  { channelId, snapshot, creator, endorsers, now }: DefinitionContext,
): Promise<common.Envelope> {
  const args = new peer.lifecycle.CommitChaincodeDefinitionArgs();
  args.setName(definition.name);
  fillDefinition(args, definition, sequence);
  const call = {
    channel: channelId,
    name: 'CommitChaincodeDefinition',
    argument: args.serializeBinary(),
  };
  const proposal = createProposal(call, creator, now);
  const simulator = new TxSimulator({ snapshot, channelId, txId: proposal.txId });
  try {
    const place = { area: 'namespaces', name: definition.name } as const;
    writeStructure(
      publicFields(simulator),
      place,
      definitionStructure(parametersOf(args), sequence),
    );
    const { header, payload } = proposal;
    const hash = sha256(header.getChannelHeader_asU8(), header.getSignatureHeader_asU8(), payload);
    const answers = endorse(responsePayload(hash, simulator.results().rwset), endorsers);
    return createTransaction(proposal, answers, creator);
  } finally {
    await simulator.done();
  }
}

function responsePayload(proposalHash: Buffer, rwset: Buffer): Uint8Array {
  const response = new peer.Response();
  response.setStatus(200);
  const id = new peer.ChaincodeID();
  id.setName(LIFECYCLE);
  id.setVersion('syscc');
  const action = new peer.ChaincodeAction();
  action.setResults(rwset);
  action.setResponse(response);
  action.setChaincodeId(id);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(proposalHash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

function endorse(
  payload: Uint8Array,
  endorsers: readonly SigningIdentity[],
): peer.ProposalResponse[] {
  return endorsers.map((endorser) => {
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(endorser.serialized);
    endorsement.setSignature(endorser.sign(Buffer.concat([payload, endorser.serialized])));
    const answer = new peer.ProposalResponse();
    answer.setPayload(payload);
    answer.setEndorsement(endorsement);
    return answer;
  });
}
