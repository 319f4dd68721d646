import { randomBytes } from 'node:crypto';
import { common, discovery, gateway, orderer, peer } from '@hyperledger/fabric-protos';
import type { RawClients, RawTarget } from '../behaviours/raw-clients.test-support';
import type { RawProposal } from '../../../messages/proposal';
import type { MessageSigner } from '../../../messages/signer';
import { endorsementBy, newTransaction, payloadFor } from '../../../messages/transaction';
import { newAssetProposal } from '../behaviours/asset-proposal.test-support';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import type { CaseChance } from './case-chance.test-support';
import { mutate } from './mutations.test-support';

/** A request before it is signed. */
export interface Draft {
  /** The bytes that the signature covers. */
  readonly content: Buffer;
  readonly signer: MessageSigner;
  /** The whole request. */
  wrap(content: Buffer, signature: Uint8Array): Buffer;
}

/** What requests are made of. */
export interface DraftWorld {
  readonly clients: RawClients<RawTarget>;
  readonly channel: string;
  /** Members with good certificates. */
  readonly members: readonly SigningIdentity[];
  /** What peers answered to invocations of the asset contract, to make transactions of. */
  readonly responsePayloads: readonly Uint8Array[];
  /** Ids of transactions that are on the ledger, or were sent at least. */
  readonly txIds: string[];
}

type NewDraft = (world: DraftWorld, chance: CaseChance) => Draft;

/** Calls of the asset contract, of system chaincodes, and of what is not there. */
const invocations: readonly { chaincode: string; args: readonly string[] }[] = [
  { chaincode: 'asset', args: ['put', 'fuzz', '1'] },
  { chaincode: 'asset', args: ['get', 'fuzz'] },
  { chaincode: 'asset', args: ['range', '', ''] },
  { chaincode: 'asset', args: ['putMany', 'many', '3'] },
  { chaincode: 'asset', args: ['noSuchFunction'] },
  { chaincode: 'absent', args: ['put', 'fuzz', '1'] },
  { chaincode: 'qscc', args: ['GetChainInfo', 'procurement'] },
  { chaincode: 'qscc', args: ['GetBlockByNumber', 'procurement', '0'] },
  { chaincode: 'qscc', args: ['GetTransactionByID', 'procurement', 'ab'.repeat(32)] },
  { chaincode: 'qscc', args: ['GetBlockByHash', 'procurement', '\u0001\u0002'] },
  { chaincode: 'cscc', args: ['GetChannels'] },
  { chaincode: 'cscc', args: ['GetChannelConfig', 'procurement'] },
  { chaincode: 'cscc', args: ['JoinChain', 'x'] },
  { chaincode: '_lifecycle', args: ['QueryChaincodeDefinitions', ''] },
  { chaincode: '_lifecycle', args: ['QueryChaincodeDefinition', '\n\u0005asset'] },
  { chaincode: '_lifecycle', args: ['QueryInstalledChaincodes', ''] },
  { chaincode: '_lifecycle', args: ['CommitChaincodeDefinition', '\b\u0001\u0012\u0001a'] },
  {
    chaincode: '_lifecycle',
    args: ['ApproveChaincodeDefinitionForMyOrg', '\b\u0001\u0012\u0001a'],
  },
  { chaincode: '_lifecycle', args: ['InstallChaincode', '\n\u0004junk'] },
];

/**
 * A valid request for each method, by path. A method that is not here is a new one: give it its
 * draft, the rest of the fuzzing follows from its service's definition.
 */
export const drafts: ReadonlyMap<string, NewDraft> = new Map<string, NewDraft>([
  [peer.EndorserService.processProposal.path, proposalDraft],
  [gateway.GatewayService.evaluate.path, evaluateDraft],
  [gateway.GatewayService.endorse.path, endorseDraft],
  [gateway.GatewayService.submit.path, submitDraft],
  [gateway.GatewayService.commitStatus.path, commitStatusDraft],
  [gateway.GatewayService.chaincodeEvents.path, chaincodeEventsDraft],
  [peer.DeliverService.deliver.path, seekDraft],
  [peer.DeliverService.deliverFiltered.path, seekDraft],
  [peer.DeliverService.deliverWithPrivateData.path, seekDraft],
  [orderer.AtomicBroadcastService.broadcast.path, transactionDraft],
  [orderer.AtomicBroadcastService.deliver.path, seekDraft],
  [discovery.DiscoveryService.discover.path, discoveryDraft],
]);

function buffer(message: { serializeBinary(): Uint8Array }): Buffer {
  return Buffer.from(message.serializeBinary());
}

function anyProposal(world: DraftWorld, chance: CaseChance): RawProposal {
  const call = chance.oneOf(invocations);
  const transient = chance.isLucky(0.2) ? { transient: { secret: 'value' } } : {};
  return newAssetProposal({ creator: chance.oneOf(world.members), ...call, ...transient });
}

function signedProposalDraft(
  { creator, signed }: RawProposal,
  wrap: (signed: peer.SignedProposal) => Buffer,
): Draft {
  return {
    content: Buffer.from(signed.getProposalBytes_asU8()),
    signer: creator,
    wrap: (content, signature) => {
      const changed = new peer.SignedProposal();
      changed.setProposalBytes(content);
      changed.setSignature(signature);
      return wrap(changed);
    },
  };
}

function proposalDraft(world: DraftWorld, chance: CaseChance): Draft {
  return signedProposalDraft(anyProposal(world, chance), buffer);
}

function evaluateDraft(world: DraftWorld, chance: CaseChance): Draft {
  const proposal = anyProposal(world, chance);
  return signedProposalDraft(proposal, (signed) => {
    const request = new gateway.EvaluateRequest();
    request.setChannelId(world.channel);
    request.setTransactionId(proposal.txId);
    request.setProposedTransaction(signed);
    if (chance.isLucky(0.2)) request.setTargetOrganizationsList(['VendorMSP', 'NoMSP']);
    return buffer(request);
  });
}

function endorseDraft(world: DraftWorld, chance: CaseChance): Draft {
  const proposal = anyProposal(world, chance);
  return signedProposalDraft(proposal, (signed) => {
    const request = new gateway.EndorseRequest();
    request.setChannelId(world.channel);
    request.setTransactionId(proposal.txId);
    request.setProposedTransaction(signed);
    if (chance.isLucky(0.2)) request.setEndorsingOrganizationsList(['VendorMSP', 'AuditorMSP']);
    return buffer(request);
  });
}

/**
 * A transaction like one that the ministry's peer ran, as if run for a new proposal; half of them
 * say something else than the peer did. The peers' own keys sign it.
 */
function newEnvelope(world: DraftWorld, chance: CaseChance): SignedTransaction {
  const creator = chance.oneOf(world.members);
  const proposal = newAssetProposal({ creator, args: ['put', 'fuzz', '1'] });
  const honest = Buffer.from(
    payloadFor(proposal.header, proposal, chance.oneOf(world.responsePayloads)),
  );
  const payload = chance.isLucky(0.5) ? honest : mutate(honest, chance);
  const endorsements = ['AuditorMSP', 'MinistryMSP'].map((mspId) =>
    endorsementBy(world.clients.peer(mspId), payload),
  );
  return { creator, envelope: newTransaction({ proposal, payload, endorsements }) };
}

interface SignedTransaction {
  readonly creator: MessageSigner;
  readonly envelope: common.Envelope;
}

function envelopeOf(content: Buffer, signature: Uint8Array): common.Envelope {
  const envelope = new common.Envelope();
  envelope.setPayload(content);
  envelope.setSignature(signature);
  return envelope;
}

function transactionDraft(world: DraftWorld, chance: CaseChance): Draft {
  const { creator, envelope } = newEnvelope(world, chance);
  return {
    content: Buffer.from(envelope.getPayload_asU8()),
    signer: creator,
    wrap: (content, signature) => buffer(envelopeOf(content, signature)),
  };
}

function submitDraft(world: DraftWorld, chance: CaseChance): Draft {
  const transaction = transactionDraft(world, chance);
  return {
    ...transaction,
    wrap: (content, signature) => {
      const request = new gateway.SubmitRequest();
      request.setChannelId(world.channel);
      request.setTransactionId(randomBytes(32).toString('hex'));
      request.setPreparedTransaction(envelopeOf(content, signature));
      return buffer(request);
    },
  };
}

function commitStatusDraft(world: DraftWorld, chance: CaseChance): Draft {
  const signer = chance.oneOf(world.members);
  const request = new gateway.CommitStatusRequest();
  request.setChannelId(world.channel);
  request.setIdentity(signer.serialized);
  request.setTransactionId(
    world.txIds.length > 0 ? chance.oneOf(world.txIds) : randomBytes(32).toString('hex'),
  );
  return {
    content: buffer(request),
    signer,
    wrap: (content, signature) => {
      const signed = new gateway.SignedCommitStatusRequest();
      signed.setRequest(content);
      signed.setSignature(signature);
      return buffer(signed);
    },
  };
}

function chaincodeEventsDraft(world: DraftWorld, chance: CaseChance): Draft {
  const signer = chance.oneOf(world.members);
  const request = new gateway.ChaincodeEventsRequest();
  request.setChannelId(world.channel);
  request.setChaincodeId('asset');
  request.setIdentity(signer.serialized);
  request.setStartPosition(anyPosition(chance));
  return {
    content: buffer(request),
    signer,
    wrap: (content, signature) => {
      const signed = new gateway.SignedChaincodeEventsRequest();
      signed.setRequest(content);
      signed.setSignature(signature);
      return buffer(signed);
    },
  };
}

function anyPosition(chance: CaseChance): orderer.SeekPosition {
  const position = new orderer.SeekPosition();
  const specified = new orderer.SeekSpecified();
  specified.setNumber(chance.oneOf([0, 1, 5, 1000, Number.MAX_SAFE_INTEGER, 2 ** 63]));
  chance.oneOf([
    () => {
      position.setSpecified(specified);
    },
    () => {
      position.setNewest(new orderer.SeekNewest());
    },
    () => {
      position.setOldest(new orderer.SeekOldest());
    },
    () => {
      position.setNextCommit(new orderer.SeekNextCommit());
    },
  ])();
  return position;
}

function seekDraft(world: DraftWorld, chance: CaseChance): Draft {
  const signer = chance.oneOf(world.members);
  const start = chance.oneOf([0, 1, 3, 'newest'] as const);
  const stop = chance.oneOf([0, 3, 5, 2 ** 40, Number.MAX_SAFE_INTEGER]);
  const failIfNotReady = chance.isLucky(0.3);
  const envelope = world.clients.seekEnvelope({ signer, start, stop, failIfNotReady });
  return {
    content: Buffer.from(envelope.getPayload_asU8()),
    signer,
    wrap: (content, signature) => buffer(envelopeOf(content, signature)),
  };
}

function discoveryDraft(world: DraftWorld, chance: CaseChance): Draft {
  const signer = chance.oneOf(world.members);
  const authentication = new discovery.AuthInfo();
  authentication.setClientIdentity(signer.serialized);
  const request = new discovery.Request();
  request.setAuthentication(authentication);
  for (let count = chance.between(1, 3); count > 0; count -= 1) {
    request.addQueries(anyQuery(world.channel, chance));
  }
  return {
    content: buffer(request),
    signer,
    wrap: (content, signature) => {
      const signed = new discovery.SignedRequest();
      signed.setPayload(content);
      signed.setSignature(signature);
      return buffer(signed);
    },
  };
}

function anyQuery(channel: string, chance: CaseChance): discovery.Query {
  const query = new discovery.Query();
  query.setChannel(channel);
  chance.oneOf([
    () => {
      query.setConfigQuery(new discovery.ConfigQuery());
    },
    () => {
      query.setPeerQuery(new discovery.PeerMembershipQuery());
    },
    () => {
      query.setLocalPeers(new discovery.LocalPeerQuery());
    },
    () => {
      query.setCcQuery(chaincodeQuery(chance));
    },
  ])();
  return query;
}

function chaincodeQuery(chance: CaseChance): discovery.ChaincodeQuery {
  const call = new peer.ChaincodeCall();
  call.setName(chance.oneOf(['asset', 'absent', '_lifecycle']));
  if (chance.isLucky(0.3)) call.addCollectionNames('secrets');
  const interest = new peer.ChaincodeInterest();
  interest.addChaincodes(call);
  const query = new discovery.ChaincodeQuery();
  query.addInterests(interest);
  return query;
}
