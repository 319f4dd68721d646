/**
 * Endorsed transactions: what is read before a second signature is given, and before an envelope
 * is relayed. The bytes that are signed are those of `common.Payload`.
 */
import { Header, Payload } from '@hyperledger/fabric-protos/lib/common/common_pb';
import {
  type KVRead,
  KVRWSet,
  type KVWrite,
} from '@hyperledger/fabric-protos/lib/ledger/rwset/kvrwset/kv_rwset_pb';
import { TxReadWriteSet } from '@hyperledger/fabric-protos/lib/ledger/rwset/rwset_pb';
import { ChaincodeAction } from '@hyperledger/fabric-protos/lib/peer/proposal_pb';
import {
  type Endorsement,
  ProposalResponsePayload,
} from '@hyperledger/fabric-protos/lib/peer/proposal_response_pb';
import {
  ChaincodeActionPayload,
  Transaction,
} from '@hyperledger/fabric-protos/lib/peer/transaction_pb';
import { Proposal } from '@hyperledger/fabric-protos/lib/peer/proposal_pb';
import { concatBytes, equalBytes } from '../bytes';
import {
  proposalHashOf,
  readCreator,
  readProposal,
  type ReadProposal,
  type TransactionCreator,
} from './proposal';
import { readStrict, requirePart } from './strict';

/** Largest payload that is read, in bytes; the ordering service takes no more either. */
const PAYLOAD_BYTES_MAX = 1024 * 1024;
/** Status of a chaincode's success (fabric-shim `OK`). */
const STATUS_OK = 200;
/** Namespace in which every transaction reads the sequence of its chaincode's definition. */
const LIFECYCLE = '_lifecycle';

/** An organisation's word for what the chaincode did. */
export interface EndorsementRead {
  readonly endorser: TransactionCreator;
  readonly signature: Uint8Array;
  /** What the signature is over. */
  readonly signed: Uint8Array;
}

/** A key that a transaction writes. */
export interface WriteRead {
  readonly key: string;
  /** Empty where the key is removed. */
  readonly value: Uint8Array;
}

/** A key that a transaction has read, and which transaction had written it last. */
export interface ReadRead {
  readonly key: string;
  /** Undefined where nobody had written the key. */
  readonly version: { readonly block: number; readonly index: number } | undefined;
}

/** An endorsed transaction: its proposal, what the chaincode answered and would write. */
export interface ReadTransaction {
  readonly proposal: ReadProposal;
  /** What the chaincode answered. */
  readonly result: Uint8Array;
  /** Writes in the chaincode's own namespace, in the order of the set. */
  readonly writes: readonly WriteRead[];
  /** Reads in the chaincode's own namespace, those of ranges left out. */
  readonly reads: readonly ReadRead[];
  readonly endorsements: readonly EndorsementRead[];
}

/**
 * Reads an endorsed transaction of one action that succeeded and writes in its chaincode's own
 * namespace only, publicly, and leaves every key's endorsers alone. Whether its endorsers are who
 * they must be is for whoever knows their roots. Source: fabric `internal/pkg/gateway/submit.go`,
 * `core/common/validation/msgvalidation.go`.
 * @param bytes serialised `common.Payload`
 * @throws {FabricMessageError}
 */
export async function readTransaction(bytes: Uint8Array): Promise<ReadTransaction> {
  requirePart(bytes.length <= PAYLOAD_BYTES_MAX, 'length of the transaction');
  const payload = readStrict(Payload, bytes, 'payload');
  const header = payload.getHeader();
  requirePart(header !== undefined, 'header');
  const actionPayload = readActionPayload(payload.getData_asU8(), header);
  const proposal = await readProposal(proposalBytes(header, actionPayload));
  const endorsed = actionPayload.getAction();
  requirePart(endorsed !== undefined, 'action');
  const responsePayload = endorsed.getProposalResponsePayload_asU8();
  const action = await readAction(responsePayload, proposal);
  const endorsements = endorsed
    .getEndorsementsList()
    .map((one) => readEndorsement(one, responsePayload));
  requirePart(endorsements.length > 0, 'endorsements');
  return {
    proposal,
    result: action.getResponse()?.getPayload_asU8() ?? new Uint8Array(),
    ...readSets(action.getResults_asU8(), proposal.chaincode),
    endorsements,
  };
}

/**
 * An endorsement of these bytes, a serialised `ProposalResponsePayload`.
 * @throws {FabricMessageError}
 */
export function readEndorsement(endorsement: Endorsement, payload: Uint8Array): EndorsementRead {
  const endorser = endorsement.getEndorser_asU8();
  return {
    endorser: readCreator(endorser),
    signature: endorsement.getSignature_asU8(),
    signed: concatBytes(payload, endorser),
  };
}

function readActionPayload(data: Uint8Array, header: Header): ChaincodeActionPayload {
  const transaction = readStrict(Transaction, data, 'transaction');
  const actions = transaction.getActionsList();
  const [action] = actions;
  requirePart(action !== undefined && actions.length === 1, 'number of actions');
  const isSame = equalBytes(action.getHeader_asU8(), header.getSignatureHeader_asU8());
  requirePart(isSame, 'header of the action');
  return readStrict(ChaincodeActionPayload, action.getPayload_asU8(), 'action payload');
}

/** The proposal as it was signed, put together again from the parts that the transaction repeats. */
function proposalBytes(header: Header, payload: ChaincodeActionPayload): Uint8Array {
  const proposalHeader = new Header();
  proposalHeader.setChannelHeader(header.getChannelHeader_asU8());
  proposalHeader.setSignatureHeader(header.getSignatureHeader_asU8());
  const proposal = new Proposal();
  proposal.setHeader(proposalHeader.serializeBinary());
  proposal.setPayload(payload.getChaincodeProposalPayload_asU8());
  return proposal.serializeBinary();
}

/**
 * What a chaincode answered to a proposal, from a serialised `ProposalResponsePayload`.
 * @throws {FabricMessageError} where it belongs to another proposal, or is no success
 */
export async function readAction(
  bytes: Uint8Array,
  proposal: ReadProposal,
): Promise<ChaincodeAction> {
  const response = readStrict(ProposalResponsePayload, bytes, 'proposal response');
  const hash = await proposalHashOf(proposal);
  requirePart(equalBytes(response.getProposalHash_asU8(), hash), 'hash of the proposal');
  const action = readStrict(ChaincodeAction, response.getExtension_asU8(), 'chaincode action');
  const isOurs = action.getChaincodeId()?.getName() === proposal.chaincode;
  requirePart(isOurs, 'chaincode of the action');
  requirePart(action.getResponse()?.getStatus() === STATUS_OK, 'status of the response');
  return action;
}

function readSets(
  results: Uint8Array,
  chaincode: string,
): Pick<ReadTransaction, 'reads' | 'writes'> {
  const writes: WriteRead[] = [];
  const reads: ReadRead[] = [];
  for (const set of readStrict(TxReadWriteSet, results, 'read and write set').getNsRwsetList()) {
    const isKnown = [chaincode, LIFECYCLE].includes(set.getNamespace());
    requirePart(isKnown, 'namespace');
    requirePart(set.getCollectionHashedRwsetList().length === 0, 'collection');
    const changes = readStrict(KVRWSet, set.getRwset_asU8(), 'read and write set');
    const isOwn = set.getNamespace() === chaincode;
    requirePart(isOwn || changes.getWritesList().length === 0, 'namespace');
    requirePart(changes.getMetadataWritesList().length === 0, 'metadata of a key');
    writes.push(...changes.getWritesList().map(writeOf));
    if (isOwn) reads.push(...changes.getReadsList().map(readOf));
  }
  return { reads, writes };
}

function writeOf(write: KVWrite): WriteRead {
  const value = write.getIsDelete() ? new Uint8Array() : write.getValue_asU8();
  return { key: write.getKey(), value };
}

function readOf(read: KVRead): ReadRead {
  const version = read.getVersion();
  const key = read.getKey();
  if (version === undefined) return { key, version: undefined };
  return { key, version: { block: version.getBlockNum(), index: version.getTxNum() } };
}
