import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { textOf } from '../seams';

/** Trailer that carries a serialized google.rpc.Status. */
const detailsTrailer = 'grpc-status-details-bin';

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
  return Object.assign(new Error(error.message), {
    code: error.code,
    details: error.message,
    metadata: trailersOf(error),
  });
}

function trailersOf(error: RpcError): Metadata {
  const metadata = new Metadata();
  if (error.details.length === 0) return metadata;
  const rich = new google.rpc.Status();
  rich.setCode(error.code);
  rich.setMessage(error.message);
  rich.setDetailsList(error.details.map(packDetail));
  metadata.set(detailsTrailer, Buffer.from(rich.serializeBinary()));
  return metadata;
}

function packDetail(detail: RpcErrorDetail): Any {
  const message = new gateway.ErrorDetail();
  message.setAddress(detail.address);
  message.setMspId(detail.mspId);
  message.setMessage(detail.message);
  const any = new Any();
  any.pack(message.serializeBinary(), 'gateway.ErrorDetail');
  return any;
}
