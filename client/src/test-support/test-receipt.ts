/** Receipts as organisations with CAs of their own would give them, honest or not. */
import { Envelope } from '@hyperledger/fabric-protos/lib/common/common_pb';
import { ChaincodeID } from '@hyperledger/fabric-protos/lib/peer/chaincode_pb';
import { ChaincodeAction } from '@hyperledger/fabric-protos/lib/peer/proposal_pb';
import {
  Endorsement,
  ProposalResponse,
  ProposalResponsePayload,
  Response,
} from '@hyperledger/fabric-protos/lib/peer/proposal_response_pb';
import { ProcessedTransaction } from '@hyperledger/fabric-protos/lib/peer/transaction_pb';
import { concatBytes, type Organization, type Receipt, toBase64url } from '@procurement/protocol';
import {
  ATTESTING,
  blockDataHash,
  blockHeaderHash,
  type BlockHeaderRead,
  buildProposal,
  creatorBytes,
  readProposal,
  sha256Of,
} from '@procurement/protocol/fabric';
import type { Signer } from '../signing/signer';
import { endorse, type TestWorld } from './test-authority';
import { orderedByOne, type Ordering } from './test-block';

const CHANNEL = 'procurement';
const nonce = (byte: number): Uint8Array => new Uint8Array(24).fill(byte);

/** What a test changes in the making of a receipt. */
export interface ReceiptChanges {
  readonly command?: string;
  /** Channel of the transaction itself. */
  readonly channel?: string;
  readonly validationCode?: number;
  /** Code in the block's own marks. */
  readonly markedAs?: number;
  readonly attestedBy?: readonly Organization[];
  /** Whose key signs as the peer of the organisation. */
  readonly attestingAs?: (peer: Signer) => Signer;
  readonly question?: { readonly chaincode: string; readonly transaction: string };
  /** Transaction that the attestations are asked for; the receipt's own by default. */
  readonly askedFor?: string;
  /** A different transaction in the answer of the second organisation. */
  readonly secondAnswers?: Uint8Array;
  readonly endorsedBy?: readonly Signer[];
  readonly sender?: Signer;
  /** Whose key signs as the sender. */
  readonly sentAs?: Signer;
  readonly orderer?: Signer;
  readonly signatureCount?: number;
  /** In the place of one orderer. */
  readonly ordering?: Ordering;
  readonly configurations?: readonly Uint8Array[];
  readonly data?: (envelope: Uint8Array) => readonly Uint8Array[];
  readonly followerAfter?: (header: BlockHeaderRead) => BlockHeaderRead;
}

/** A receipt of one transaction in block 7, with block 8 after it. */
export async function newTestReceipt(
  world: TestWorld,
  changes: ReceiptChanges = {},
): Promise<Receipt> {
  const { AuditorMSP, VendorMSP } = world.authorities;
  const sender = changes.sender ?? (await VendorMSP.issue('dorji', 'client'));
  const orderer = changes.orderer ?? (await AuditorMSP.issue('orderer', 'orderer'));
  const { transactionId, payload } = await endorsedBySender(world, { sender, changes });
  const envelope = envelopeOf(payload, await (changes.sentAs ?? sender).sign(payload));
  const data = changes.data?.(envelope) ?? [envelope];
  const header = await headerAfter(7, { previousHash: new Uint8Array(32).fill(7), data });
  const plain = await headerAfter(8, { previousHash: await blockHeaderHash(header), data: [] });
  const next = changes.followerAfter?.(plain) ?? plain;
  const ordering = changes.ordering ?? orderedByOne(orderer, changes.signatureCount);
  const sign = async (of: BlockHeaderRead): Promise<string> => toBase64url(await ordering(of));
  const marks = data.map(() => changes.markedAs ?? 0);
  return {
    ...{ v: 1, channel: CHANNEL, chaincode: CHANNEL, transactionId },
    block: {
      ...headerText(header),
      data: data.map(toBase64url),
      metadata: [await sign(header), '', toBase64url(Uint8Array.from(marks)), '', ''],
    },
    headers: [{ ...headerText(next), signatures: await sign(next) }],
    ...configurationsOf(changes),
    attestations: await attestationsOf(world, { envelope, transactionId }, changes),
  };
}

function configurationsOf({ configurations }: ReceiptChanges): Pick<Receipt, 'configurations'> {
  return configurations === undefined ? {} : { configurations: configurations.map(toBase64url) };
}

async function endorsedBySender(
  { peers }: TestWorld,
  { sender, changes }: { readonly sender: Signer; readonly changes: ReceiptChanges },
): Promise<{ readonly transactionId: string; readonly payload: Uint8Array }> {
  const { bytes, transactionId } = await buildProposal({
    ...{ channel: changes.channel ?? CHANNEL, chaincode: CHANNEL },
    ...{ transaction: changes.command ?? 'vendor:register', args: ['{}'] },
    ...{ creator: sender, nonce: nonce(1), atMs: Date.parse('2026-11-25T10:00:00Z') },
  });
  const endorsers = changes.endorsedBy ?? [peers.AuditorMSP, peers.VendorMSP];
  return { transactionId, payload: await endorse(bytes, endorsers) };
}

function envelopeOf(payload: Uint8Array, signature: Uint8Array): Uint8Array {
  const envelope = new Envelope();
  envelope.setPayload(payload);
  envelope.setSignature(signature);
  return envelope.serializeBinary();
}

async function headerAfter(
  number: number,
  parts: { readonly previousHash: Uint8Array; readonly data: readonly Uint8Array[] },
): Promise<BlockHeaderRead> {
  return { number, previousHash: parts.previousHash, dataHash: await blockDataHash(parts.data) };
}

function headerText({ number, previousHash, dataHash }: BlockHeaderRead): {
  readonly number: number;
  readonly previousHash: string;
  readonly dataHash: string;
} {
  return { number, previousHash: toBase64url(previousHash), dataHash: toBase64url(dataHash) };
}

function attestationsOf(
  world: TestWorld,
  { envelope, transactionId }: { readonly envelope: Uint8Array; readonly transactionId: string },
  changes: ReceiptChanges,
): Promise<Receipt['attestations']> {
  const mspIds = changes.attestedBy ?? ['AuditorMSP', 'MinistryMSP'];
  const attestations = mspIds.map((mspId, index) => {
    const second = index === 1 ? changes.secondAnswers : undefined;
    const about = { envelope: second ?? envelope, transactionId, mspId };
    return attest(world, about, changes);
  });
  return Promise.all(attestations);
}

async function attest(
  world: TestWorld,
  about: {
    readonly envelope: Uint8Array;
    readonly transactionId: string;
    readonly mspId: Organization;
  },
  changes: ReceiptChanges,
): Promise<Receipt['attestations'][number]> {
  const { mspId, envelope } = about;
  const creator = await world.authorities.AuditorMSP.issue('gateway', 'client');
  const { bytes } = await buildProposal({
    ...{ channel: CHANNEL, ...(changes.question ?? ATTESTING) },
    args: [CHANNEL, changes.askedFor ?? about.transactionId],
    ...{ creator, nonce: nonce(3), atMs: Date.parse('2026-11-25T10:00:05Z') },
  });
  const processed = new ProcessedTransaction();
  processed.setTransactionenvelope(Envelope.deserializeBinary(envelope));
  processed.setValidationcode(changes.validationCode ?? 0);
  const payload = await answerTo(bytes, processed.serializeBinary());
  const peer = world.peers[mspId];
  const endorser = creatorBytes(peer);
  const endorsement = new Endorsement();
  endorsement.setEndorser(endorser);
  const signer = changes.attestingAs?.(peer) ?? peer;
  endorsement.setSignature(await signer.sign(concatBytes(payload, endorser)));
  const response = new ProposalResponse();
  response.setVersion(1);
  response.setPayload(payload);
  response.setEndorsement(endorsement);
  const proposal = toBase64url(bytes);
  return { mspId, proposal, response: toBase64url(response.serializeBinary()) };
}

/** Serialised `ProposalResponsePayload` of a system chaincode that answers these bytes. */
async function answerTo(proposalBytes: Uint8Array, result: Uint8Array): Promise<Uint8Array> {
  const { channelHeader, signatureHeader, payload, chaincode } = await readProposal(proposalBytes);
  const response = new Response();
  response.setStatus(200);
  response.setPayload(result);
  const id = new ChaincodeID();
  id.setName(chaincode);
  const action = new ChaincodeAction();
  action.setResponse(response);
  action.setChaincodeId(id);
  const answer = new ProposalResponsePayload();
  answer.setProposalHash(await sha256Of(channelHeader, signatureHeader, payload));
  answer.setExtension$(action.serializeBinary());
  return answer.serializeBinary();
}
