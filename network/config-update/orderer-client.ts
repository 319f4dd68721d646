import { randomBytes } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, orderer } from '@hyperledger/fabric-protos';
import { seekEnvelope, statusName } from '../messages/seek';
import type { MessageSigner } from '../messages/signer';
import { signedEnvelope as signEnvelope } from '../messages/transaction';

/** Where an ordering node listens, and what a TLS client needs to trust it. */
export interface OrdererTarget {
  /** `host:port`. */
  readonly address: string;
  /** The name in the node's certificate, where it is not the host of the address. */
  readonly hostName?: string;
  readonly tlsRootCertificatePem: string;
}

/** An ordering node that gave another answer than hoped for; the text has its status and reason. */
export class OrdererRefusal extends Error {
  override readonly name = 'OrdererRefusal';
  /** common.Status. */
  readonly status: number;

  constructor(what: string, status: number, info = '') {
    super(`${what}: ${statusName(status)}${info === '' ? '' : ` (${info})`}`);
    this.status = status;
  }
}

const maxMessageBytes = 100 * 1024 * 1024;

/** The two calls of an ordering node that a change of the configuration needs. */
export class OrdererClient {
  readonly #client: orderer.AtomicBroadcastClient;
  readonly #timeoutMs: number;

  /** @param timeoutMs longest wait for one answer */
  constructor(target: OrdererTarget, timeoutMs: number) {
    const { address, hostName, tlsRootCertificatePem } = target;
    const tls = credentials.createSsl(Buffer.from(tlsRootCertificatePem));
    this.#timeoutMs = timeoutMs;
    this.#client = new orderer.AtomicBroadcastClient(address, tls, {
      ...(hostName !== undefined && { 'grpc.ssl_target_name_override': hostName }),
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
    });
  }

  close(): void {
    this.#client.close();
  }

  /** @throws OrdererRefusal unless the node takes the message */
  async broadcast(envelope: common.Envelope): Promise<void> {
    const stream = this.#client.broadcast(this.#deadline());
    stream.write(envelope);
    for await (const answer of stream as AsyncIterable<orderer.BroadcastResponse>) {
      stream.end();
      const status = answer.getStatus();
      if (status === common.Status.SUCCESS) return;
      throw new OrdererRefusal('the message was not taken', status, answer.getInfo());
    }
    throw new Error('the ordering node closed the stream without an answer');
  }

  /**
   * Blocks from a number on, or the newest; each as soon as it exists.
   * @throws OrdererRefusal when the signer may not read them
   */
  async *blocks(parts: {
    readonly channel: string;
    readonly from: number | 'newest';
    readonly signer: MessageSigner;
  }): AsyncGenerator<common.Block> {
    const stream = this.#client.deliver(this.#deadline());
    stream.on('error', () => undefined);
    stream.write(seekEnvelope({ ...parts, start: parts.from, stop: Number.MAX_SAFE_INTEGER }));
    try {
      for await (const answer of stream as AsyncIterable<orderer.DeliverResponse>) {
        const block = answer.getBlock();
        if (!block) throw new OrdererRefusal('no block was delivered', answer.getStatus());
        yield block;
      }
    } finally {
      stream.cancel();
    }
  }

  #deadline(): { deadline: number } {
    return { deadline: Date.now() + this.#timeoutMs };
  }
}

/** A message to an ordering node. */
export function signedEnvelope(parts: {
  readonly channel: string;
  readonly type: common.HeaderTypeMap[keyof common.HeaderTypeMap];
  readonly data: Uint8Array;
  readonly signer: MessageSigner;
}): common.Envelope {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(parts.type);
  channelHeader.setChannelId(parts.channel);
  channelHeader.setTimestamp(Timestamp.fromDate(new Date()));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader(parts.signer));
  return signEnvelope({ header, data: parts.data }, parts.signer);
}

/** Serialized common.SignatureHeader of a signer, with a fresh nonce. */
export function signatureHeader(signer: MessageSigner): Uint8Array {
  const header = new common.SignatureHeader();
  header.setCreator(signer.serialized);
  header.setNonce(randomBytes(24));
  return header.serializeBinary();
}
