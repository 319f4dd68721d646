import { Client, credentials } from '@grpc/grpc-js';
import type { ChannelCredentials, ServiceError } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import type { common } from '@hyperledger/fabric-protos';
import type { MessageSigner } from '../messages/signer';
import { LifecycleError } from './lifecycle-error';

/** Who signs requests: an administrator of an organization. */
export interface LifecycleSigner extends MessageSigner {
  readonly mspId: string;
}

/** Where a peer listens, and what a TLS client needs to trust it. */
export interface PeerTarget {
  /** `host:port`. */
  readonly address: string;
  /** The name in the peer's certificate, where it is not the host of the address. */
  readonly hostName?: string;
  readonly tlsRootCertificatePem: string;
  /** Where the peer asks for a client certificate; PEM. */
  readonly clientTls?: { readonly certificatePem: string; readonly privateKeyPem: string };
}

/** How the lifecycle reaches one peer; `connectPeer` makes one over gRPC. */
export interface LifecyclePeer {
  /** For error texts. */
  readonly name: string;
  /** The time that proposals to it carry. Default: the machine's. */
  readonly now?: () => Date;
  processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse>;
  /** Hands a transaction to the ordering service. */
  submit(parts: {
    readonly channel: string;
    readonly txId: string;
    readonly envelope: common.Envelope;
  }): Promise<void>;
  /** Waits until the peer has committed the transaction. @returns its validation code */
  awaitCommit(parts: {
    readonly channel: string;
    readonly txId: string;
    readonly signer: LifecycleSigner;
  }): Promise<number>;
}

/** Name of a transaction validation code, such as `MVCC_READ_CONFLICT`. */
export function validationCodeName(code: number): string {
  const named = Object.entries(peer.TxValidationCode).find(([, value]) => value === code);
  return named?.[0] ?? String(code);
}

const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/**
 * Reaches a peer by its Endorser and Gateway services; it connects at the first call.
 * @param timeoutMs longest wait for one answer, such as for a commit
 */
export function connectPeer(
  target: PeerTarget,
  timeoutMs = 60_000,
): LifecyclePeer & { close(): void } {
  const { address, hostName } = target;
  const client = new Client(address, channelCredentials(target), {
    ...(hostName !== undefined && { 'grpc.ssl_target_name_override': hostName }),
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  const call = async <Request, Answer>(
    method: UnaryMethod<Request, Answer>,
    request: Request,
  ): Promise<Answer> => {
    const name = hostName ?? address;
    return unary(client, { method, request, deadline: Date.now() + timeoutMs, name });
  };
  return {
    name: hostName ?? address,
    processProposal: (signed) => call(peer.EndorserService.processProposal, signed),
    submit: async ({ channel, txId, envelope }) => {
      const request = new gateway.SubmitRequest();
      request.setTransactionId(txId);
      request.setChannelId(channel);
      request.setPreparedTransaction(envelope);
      await call(gateway.GatewayService.submit, request);
    },
    awaitCommit: async (parts) => {
      const answer = await call(gateway.GatewayService.commitStatus, statusRequest(parts));
      return answer.getResult();
    },
    close: () => {
      client.close();
    },
  };
}

interface UnaryMethod<Request, Answer> {
  readonly path: string;
  requestSerialize(value: Request): Buffer;
  responseDeserialize(bytes: Buffer): Answer;
}

function channelCredentials({ tlsRootCertificatePem, clientTls }: PeerTarget): ChannelCredentials {
  return credentials.createSsl(
    Buffer.from(tlsRootCertificatePem),
    clientTls ? Buffer.from(clientTls.privateKeyPem) : null,
    clientTls ? Buffer.from(clientTls.certificatePem) : null,
  );
}

function statusRequest(parts: {
  readonly channel: string;
  readonly txId: string;
  readonly signer: LifecycleSigner;
}): gateway.SignedCommitStatusRequest {
  const request = new gateway.CommitStatusRequest();
  request.setTransactionId(parts.txId);
  request.setChannelId(parts.channel);
  request.setIdentity(parts.signer.serialized);
  const bytes = request.serializeBinary();
  const signed = new gateway.SignedCommitStatusRequest();
  signed.setRequest(bytes);
  signed.setSignature(parts.signer.sign(bytes));
  return signed;
}

function unary<Request, Answer>(
  client: Client,
  parts: {
    readonly method: UnaryMethod<Request, Answer>;
    readonly request: Request;
    readonly deadline: number;
    readonly name: string;
  },
): Promise<Answer> {
  const { method, request, deadline, name } = parts;
  const serialize = (value: Request): Buffer => method.requestSerialize(value);
  const deserialize = (bytes: Buffer): Answer => method.responseDeserialize(bytes);
  return new Promise((resolve, reject) => {
    const answered = (error: ServiceError | null, answer?: Answer): void => {
      if (answer !== undefined && !error) resolve(answer);
      else reject(callFailure(name, error));
    };
    client.makeUnaryRequest(method.path, serialize, deserialize, request, { deadline }, answered);
  });
}

function callFailure(name: string, error: ServiceError | null): LifecycleError {
  const reason = error ? error.details || error.message : 'no answer';
  return new LifecycleError(`the peer ${name} did not answer: ${reason}`, { cause: error });
}
