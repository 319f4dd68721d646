import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { textOf } from '../../../machine/text-of';

/** Trailer that carries a serialized google.rpc.Status. */
const detailsTrailer = 'grpc-status-details-bin';

/**
 * Longest text of a status, percent-encoded: Node's HTTP/2 cannot send trailers of 64 KiB, and a
 * call whose status cannot be sent never ends. Texts may repeat what a client has sent.
 */
const encodedTextMax = 24 * 1024;
const cutMark = ' …';

/** What one peer or orderer said, for the client to see. */
export interface RpcErrorDetail {
  /** `host:port` of the node. */
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

/** A refusal with a gRPC status code of its own. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: status;
  readonly details: readonly RpcErrorDetail[];

  constructor(code: status, message: string, details: readonly RpcErrorDetail[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/**
 * The error as grpc-js wants it. Anything but an RpcError is UNKNOWN with its text, as a Go server
 * answers for an error without a status.
 */
export function toServiceError(thrown: unknown): ServiceError {
  const error = thrown instanceof RpcError ? thrown : new RpcError(status.UNKNOWN, textOf(thrown));
  const details = sendable(error.message);
  return Object.assign(new Error(details), {
    code: error.code,
    details,
    metadata: trailersOf(error, details),
  });
}

/** The text without halves of characters, and cut where it is too long to be sent. */
function sendable(text: string): string {
  const whole = text.toWellFormed();
  if (encodeURI(whole).length <= encodedTextMax) return whole;
  // No character takes more than nine encoded bytes for each of its code units.
  return `${whole.slice(0, encodedTextMax / 9).toWellFormed()}${cutMark}`;
}

function trailersOf(error: RpcError, text: string): Metadata {
  const metadata = new Metadata();
  if (error.details.length === 0) return metadata;
  const rich = new google.rpc.Status();
  rich.setCode(error.code);
  rich.setMessage(text);
  rich.setDetailsList(error.details.map(packDetail));
  const bytes = Buffer.from(rich.serializeBinary());
  // Too much to be sent: the text alone has to do.
  if (bytes.length <= encodedTextMax) metadata.set(detailsTrailer, bytes);
  return metadata;
}

function packDetail(detail: RpcErrorDetail): Any {
  const message = new gateway.ErrorDetail();
  message.setAddress(detail.address);
  message.setMspId(detail.mspId);
  message.setMessage(sendable(detail.message));
  const any = new Any();
  any.pack(message.serializeBinary(), 'gateway.ErrorDetail');
  return any;
}
