import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';

const TYPE = peer.ChaincodeMessage.Type;

/** What the chaincode sends when a transaction comes, each as bytes. */
export type RogueScript = (transaction: peer.ChaincodeMessage) => readonly Buffer[];

/** A chaincode process that says what a script tells it to. */
export class RogueChaincode {
  readonly #server: Server;
  readonly #packageId: string;
  readonly #streams = new Set<ServerDuplexStream<Buffer, Buffer>>();
  #registrations = 0;
  /** By transaction id; without a script a transaction goes well. */
  readonly scripts = new Map<string, RogueScript>();
  /** What it sends when its peer answers a request, by transaction id; default: nothing. */
  readonly replies = new Map<string, RogueScript>();
  #readyPayload: Uint8Array = Buffer.of();

  private constructor(server: Server, packageId: string) {
    this.#server = server;
    this.#packageId = packageId;
  }

  /** Listens on 127.0.0.1 for its peer. */
  static async listen(port: number, packageId: string): Promise<RogueChaincode> {
    const server = new Server({ 'grpc.max_receive_message_length': -1 });
    const rogue = new RogueChaincode(server, packageId);
    const same = (bytes: Buffer): Buffer => bytes;
    const connect = {
      ...{ path: '/protos.Chaincode/Connect', requestStream: true, responseStream: true },
      ...{ requestSerialize: same, requestDeserialize: same },
      ...{ responseSerialize: same, responseDeserialize: same },
    };
    server.addService(
      { connect },
      {
        connect: (stream: ServerDuplexStream<Buffer, Buffer>) => {
          rogue.#serve(stream);
        },
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${String(port)}`, ServerCredentials.createInsecure(), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    return rogue;
  }

  /** How often a peer has dialled and let it register. */
  get registrations(): number {
    return this.#registrations;
  }

  /** What its peer told it with READY. */
  get readyPayload(): Uint8Array {
    return this.#readyPayload;
  }

  /** Breaks the streams, as a crash does. */
  crash(): void {
    const gone = Object.assign(new Error('crashed'), { code: status.UNAVAILABLE });
    for (const stream of this.#streams) stream.emit('error', gone);
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #scriptFor(message: peer.ChaincodeMessage): RogueScript {
    const [type, txId] = [message.getType(), message.getTxid()];
    if (type === TYPE.TRANSACTION) return this.scripts.get(txId) ?? wellBehaved;
    const isAnswer = type === TYPE.RESPONSE || type === TYPE.ERROR;
    return (isAnswer ? this.replies.get(txId) : undefined) ?? silent;
  }

  #serve(stream: ServerDuplexStream<Buffer, Buffer>): void {
    this.#streams.add(stream);
    const gone = (): void => void this.#streams.delete(stream);
    stream.on('error', gone);
    stream.on('cancelled', gone);
    stream.on('end', () => {
      gone();
      stream.end();
    });
    stream.on('data', (bytes: Buffer) => {
      const message = peer.ChaincodeMessage.deserializeBinary(bytes);
      if (message.getType() === TYPE.REGISTERED) this.#registrations += 1;
      if (message.getType() === TYPE.READY) this.#readyPayload = message.getPayload_asU8();
      for (const answer of this.#scriptFor(message)(message)) stream.write(answer);
    });
    stream.write(registration(this.#packageId));
  }
}

const silent: RogueScript = () => [];
const wellBehaved: RogueScript = (transaction) => [completed(transaction)];

function registration(packageId: string): Buffer {
  const id = new peer.ChaincodeID();
  id.setName(packageId);
  const message = new peer.ChaincodeMessage();
  message.setType(TYPE.REGISTER);
  message.setPayload(id.serializeBinary());
  return Buffer.from(message.serializeBinary());
}

/** A message for the transaction of another one. */
export function messageFor(
  transaction: peer.ChaincodeMessage,
  type: number,
  payload: Uint8Array = new Uint8Array(),
): Buffer {
  const message = new peer.ChaincodeMessage();
  message.setType(type as peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]);
  message.setTxid(transaction.getTxid());
  message.setChannelId(transaction.getChannelId());
  message.setPayload(payload);
  return Buffer.from(message.serializeBinary());
}

/** The end of a transaction that went well. @param text payload of the response */
export function completed(transaction: peer.ChaincodeMessage, text = 'done'): Buffer {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(Buffer.from(text));
  return messageFor(transaction, TYPE.COMPLETED, response.serializeBinary());
}
