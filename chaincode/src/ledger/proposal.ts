/**
 * Which chaincode a signed proposal was addressed to. Where another chaincode calls this one, the
 * proposal still names the other: the caller signed for something else.
 */
import type { Context } from 'fabric-contract-api';
import { fromUtf8 } from '@procurement/protocol';

const CHAINCODE_ID_FIELD = 2;
const NAME_FIELD = 2;
const LENGTH_DELIMITED = 2;

/** The header as the shim really gives it: a protobuf message, against its own type declaration. */
interface ChannelHeaderMessage {
  getExtension_asU8(): Uint8Array;
}

/** The chaincode that the signer named; empty where the header names none. */
export function proposedChaincode(stub: Context['stub']): string {
  const header = stub.getSignedProposal().proposal.header
    .channelHeader as unknown as ChannelHeaderMessage;
  // ChaincodeHeaderExtension.chaincode_id, then ChaincodeID.name (fabric-protos, peer/*.proto).
  const chaincodeId = bytesField(header.getExtension_asU8(), CHAINCODE_ID_FIELD);
  return fromUtf8(bytesField(chaincodeId, NAME_FIELD));
}

/** The last length-delimited field of this number in a protobuf message; empty if there is none. */
function bytesField(message: Uint8Array, number: number): Uint8Array {
  let found = new Uint8Array();
  let offset = 0;
  while (offset < message.length) {
    const tag = readVarint(message, offset);
    const length = readVarint(message, tag.next);
    const isBytes = (tag.value & 7) === LENGTH_DELIMITED;
    const next = isBytes ? length.next + length.value : length.next;
    if (isBytes && tag.value >> 3 === number) found = message.slice(length.next, next);
    offset = next;
  }
  return found;
}

function readVarint(message: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  let next = from;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = message[next] ?? 0;
    next += 1;
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
  }
  return { value, next };
}
