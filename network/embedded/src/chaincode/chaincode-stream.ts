import '../wire/strict-protobuf';
import {
  ServiceError,
  credentials,
  type ChannelCredentials,
  type ClientDuplexStream,
} from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';

const TYPE = peer.ChaincodeMessage.Type;
const MAX_MESSAGE_BYTES = 100 * 1024 * 1024;

/** The chaincode process cannot be reached, or is not the one the channel defines. */
export class ChaincodeConnectionError extends Error {
  override readonly name = 'ChaincodeConnectionError';
}

/** Certificates for a chaincode server that speaks TLS, as PEM. */
export interface ChaincodeTls {
  readonly rootCertificate: Buffer;
  /** Present when the server asks for a client certificate. */
  readonly client?: { readonly key: Buffer; readonly certificate: Buffer };
}

/** A chaincode process: where it listens and which package it must be. */
export interface ChaincodeEndpoint {
  /** `host:port`. */
  readonly address: string;
  /** `label:sha256` that the process was started with (`--chaincode-id`). */
  readonly packageId: string;
  /** Longest wait for the process to listen. Default: 3 s. */
  readonly dialTimeoutMs?: number;
  /** Absent = plaintext. */
  readonly tls?: ChaincodeTls;
}

/** What the owner of a stream says at its beginning, and hears. */
export interface StreamEvents {
  /** Serialized `peer.ChaincodeAdditionalParams`; default: none, as in 2.5. */
  readonly readyPayload?: Uint8Array;
  /** A message after registration. */
  message(message: peer.ChaincodeMessage): void;
  /** The stream is over, once. */
  closed(): void;
}

type Duplex = ClientDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>;

function channelCredentials(tls: ChaincodeTls | undefined): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  const { rootCertificate, client } = tls;
  return credentials.createSsl(rootCertificate, client?.key ?? null, client?.certificate ?? null);
}

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.enable_channelz': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
};

function waitUntilReady(client: peer.ChaincodeClient, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + timeoutMs, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** A registered stream to a chaincode process (server mode: the peer dials). */
export class ChaincodeStream {
  readonly #client: peer.ChaincodeClient;
  readonly #duplex: Duplex;

  private constructor(client: peer.ChaincodeClient, duplex: Duplex) {
    this.#client = client;
    this.#duplex = duplex;
  }

  /**
   * Dials and waits until the chaincode has registered.
   * @throws ChaincodeConnectionError when nothing listens within `timeoutMs`, the stream breaks,
   *   or another package registers
   */
  static async open(
    endpoint: ChaincodeEndpoint,
    events: StreamEvents,
    timeoutMs: number,
  ): Promise<ChaincodeStream> {
    const { address, packageId } = endpoint;
    const secured = channelCredentials(endpoint.tls);
    const client = new peer.ChaincodeClient(address, secured, CHANNEL_OPTIONS);
    try {
      await waitUntilReady(client, timeoutMs);
    } catch (error) {
      client.close();
      const text = `could not launch chaincode ${packageId}: connection to ${address} failed`;
      throw new ChaincodeConnectionError(`${text}: nothing answers`, { cause: error });
    }
    const stream = new ChaincodeStream(client, client.connect());
    await stream.#register(packageId, events);
    return stream;
  }

  /** The chaincode speaks first; REGISTERED and READY may follow each other at once. */
  #register(packageId: string, events: StreamEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      let isRegistered = false;
      const fail = (reason: string): void => {
        this.close();
        reject(new ChaincodeConnectionError(`could not launch chaincode ${packageId}: ${reason}`));
      };
      this.#duplex.on('data', (message: peer.ChaincodeMessage) => {
        if (isRegistered) {
          events.message(message);
          return;
        }
        const name = registeredName(message);
        if (name !== packageId) {
          fail(`the process registered as ${name ?? 'nothing'}`);
          return;
        }
        isRegistered = true;
        this.send(newMessage(TYPE.REGISTERED));
        this.send(newMessage(TYPE.READY, undefined, events.readyPayload));
        resolve();
      });
      this.#onceOver((reason) => {
        this.#client.close();
        if (isRegistered) events.closed();
        else fail(reason);
      });
    });
  }

  #onceOver(over: (reason: string) => void): void {
    let isOver = false;
    const once = (reason: string): void => {
      if (isOver) return;
      isOver = true;
      over(reason);
    };
    this.#duplex.on('error', (error: ServiceError) => {
      once(error.message);
    });
    this.#duplex.on('end', () => {
      once('the process closed the stream');
    });
  }

  send(message: peer.ChaincodeMessage): void {
    this.#duplex.write(message);
  }

  /** Ends the stream; `closed` follows if it was registered. */
  close(): void {
    this.#duplex.cancel();
    this.#client.close();
  }
}

function registeredName(message: peer.ChaincodeMessage): string | undefined {
  if (message.getType() !== TYPE.REGISTER) return undefined;
  return peer.ChaincodeID.deserializeBinary(message.getPayload_asU8()).getName();
}

/** A message of a type, for the transaction of another message if one is given. */
export function newMessage(
  type: peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap],
  transaction?: { channelId: string; txId: string },
  payload?: Uint8Array,
): peer.ChaincodeMessage {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  if (transaction) {
    message.setTxid(transaction.txId);
    message.setChannelId(transaction.channelId);
  }
  if (payload) message.setPayload(payload);
  return message;
}
