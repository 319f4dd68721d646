import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import type { CertificateFacts } from '../identity/certificate';
import { certificateFacts } from '../identity/certificate';
import { validationCodeName } from '../ledger/validation-code';
import type { TrailChange, TrailEntry, TrailEvent, TrailSigner } from './trail-index';

/** Slot of a block's metadata with one validation code per transaction. */
const TRANSACTIONS_FILTER = common.BlockMetadataIndex.TRANSACTIONS_FILTER;
/** Code of a transaction that a peer has not looked at. */
const NOT_VALIDATED = peer.TxValidationCode.NOT_VALIDATED;
/** Separator of a composite key (fabric-shim lib/stub.js:createCompositeKey). */
const KEY_SEPARATOR = '\0';
const CERTIFICATES_MAX = 1000;

const certificates = new Map<string, CertificateFacts>();

/** The facts of a certificate, worked out once for all transactions that it signed. */
function factsOf(certificate: Uint8Array): CertificateFacts {
  const key = Buffer.from(certificate).toString('latin1');
  const known = certificates.get(key);
  if (known !== undefined) {
    return known;
  }
  if (certificates.size >= CERTIFICATES_MAX) {
    certificates.clear();
  }
  const facts = certificateFacts(certificate);
  certificates.set(key, facts);
  return facts;
}

function signerOf(signatureHeader: Uint8Array): TrailSigner {
  const header = common.SignatureHeader.deserializeBinary(signatureHeader);
  const identity = msp.SerializedIdentity.deserializeBinary(header.getCreator_asU8());
  return { mspId: identity.getMspid(), ...factsOf(identity.getIdBytes_asU8()) };
}

/** `\0bid\0T-1\0lot\0` reads `bid/T-1/lot`. */
function recordName(key: string): string {
  return key.split(KEY_SEPARATOR).filter(Boolean).join('/');
}

function changesOf(results: Uint8Array, chaincode: string): TrailChange[] {
  const sets = ledger.rwset.TxReadWriteSet.deserializeBinary(results).getNsRwsetList();
  return sets
    .filter((set) => set.getNamespace() === chaincode)
    .flatMap((set) =>
      ledger.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8()).getWritesList(),
    )
    .map((write) => ({
      record: recordName(write.getKey()),
      removed: write.getIsDelete() || write.getValue_asU8().length === 0,
    }));
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function eventOf(bytes: Uint8Array): TrailEvent | undefined {
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  const name = event.getEventName();
  return name === '' ? undefined : { name, payload: jsonOf(event.getPayload_asU8()) };
}

function textAt(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** A command names its tender itself, or in the draft, key, rehearsal or shares that it brings. */
function tenderIdOf(input: unknown): string | undefined {
  const parts = ['tender', 'key', 'rehearsal', 'shares'].map((name) => memberOf(input, name));
  return [input, ...parts].map((part) => textAt(part, 'tenderId')).find((id) => id !== undefined);
}

interface Action {
  readonly command: string;
  readonly tenderId: string | undefined;
  readonly changes: TrailChange[];
  readonly event: TrailEvent | undefined;
}

interface Call {
  readonly chaincode: string;
  readonly command: string;
  readonly tenderId: string | undefined;
}

function callOf(proposalPayload: Uint8Array): Call {
  const proposal = peer.ChaincodeProposalPayload.deserializeBinary(proposalPayload);
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(
    proposal.getInput_asU8(),
  ).getChaincodeSpec();
  const [command, input] = spec?.getInput()?.getArgsList_asU8() ?? [];
  return {
    chaincode: spec?.getChaincodeId()?.getName() ?? '',
    command: Buffer.from(command ?? []).toString('utf8'),
    tenderId: input && tenderIdOf(jsonOf(input)),
  };
}

function actionOf(transaction: Uint8Array): Action | undefined {
  const [action] = peer.Transaction.deserializeBinary(transaction).getActionsList();
  if (action === undefined) {
    return undefined;
  }
  const payload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const { chaincode, ...call } = callOf(payload.getChaincodeProposalPayload_asU8());
  const response = peer.ProposalResponsePayload.deserializeBinary(
    payload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const result = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  return {
    ...call,
    changes: changesOf(result.getResults_asU8(), chaincode),
    event: eventOf(result.getEvents_asU8()),
  };
}

function timeOf(header: common.ChannelHeader): string {
  const at = header.getTimestamp();
  return at === undefined ? '' : at.toDate().toISOString();
}

interface Place {
  readonly blockNumber: bigint;
  readonly code: number;
}

function entryOf(envelope: Uint8Array, place: Place): TrailEntry | undefined {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
  );
  const header = payload.getHeader();
  const channel = common.ChannelHeader.deserializeBinary(
    header?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
  if (channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION || header === undefined) {
    return undefined;
  }
  const action = actionOf(payload.getData_asU8());
  return (
    action && {
      at: timeOf(channel),
      signer: signerOf(header.getSignatureHeader_asU8()),
      ...action,
      blockNumber: place.blockNumber.toString(),
      transactionId: channel.getTxId(),
      validationCode: validationCodeName(place.code),
    }
  );
}

/** An envelope that no peer accepts may hold anything: it is left out, not let through. */
function readableEntry(envelope: Uint8Array, place: Place): TrailEntry | undefined {
  try {
    return entryOf(envelope, place);
  } catch {
    return undefined;
  }
}

/**
 * The transactions of a block, invalid ones included; configuration is left out.
 * @param bytes serialised `common.Block` with its metadata
 */
export function decodeBlock(bytes: Uint8Array): TrailEntry[] {
  const block = common.Block.deserializeBinary(bytes);
  const blockNumber = BigInt(block.getHeader()?.getNumber() ?? 0);
  const filter = block.getMetadata()?.getMetadataList_asU8()[TRANSACTIONS_FILTER];
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  return envelopes
    .map((envelope, index) =>
      readableEntry(envelope, { blockNumber, code: filter?.[index] ?? NOT_VALIDATED }),
    )
    .filter((entry) => entry !== undefined);
}
