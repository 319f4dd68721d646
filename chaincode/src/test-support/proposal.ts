/** Signed proposals as a peer hands them to the shim, encoded by hand: protobuf needs two types. */

/** What a proposal says about itself. */
export interface ProposalHeader {
  readonly channel: string;
  readonly chaincode: string;
  readonly transactionId: string;
  readonly mspId: string;
  readonly certificatePem: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** The part of a protobuf SignedProposal that the shim's stub reads. */
export interface SignedProposal {
  getSignature(): Uint8Array;
  getProposalBytes(): Uint8Array;
}

const ENDORSER_TRANSACTION = 3;

/** A proposal with this header. */
export function signedProposal(header: ProposalHeader): SignedProposal {
  const seconds = Math.floor(header.atMs / 1000);
  const channelHeader = message(
    integer(1, ENDORSER_TRANSACTION),
    bytes(3, message(integer(1, seconds), integer(2, (header.atMs - seconds * 1000) * 1e6))),
    bytes(4, Buffer.from(header.channel)),
    bytes(5, Buffer.from(header.transactionId)),
    bytes(7, bytes(2, message(bytes(1, Buffer.from('path')), nameField(header.chaincode)))),
  );
  const creator = message(
    bytes(1, Buffer.from(header.mspId)),
    bytes(2, Buffer.from(header.certificatePem)),
  );
  const signatureHeader = message(bytes(1, creator), bytes(2, Buffer.alloc(24, 7)));
  const proposalHeader = message(bytes(1, channelHeader), bytes(2, signatureHeader));
  const payload = bytes(1, Buffer.from('input'));
  const proposal = message(bytes(1, proposalHeader), bytes(2, payload));
  return { getSignature: () => new Uint8Array(1), getProposalBytes: () => proposal };
}

function nameField(chaincode: string): Buffer {
  return bytes(2, Buffer.from(chaincode));
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const digits: number[] = [];
  let rest = BigInt(value);
  do {
    digits.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(digits);
}
