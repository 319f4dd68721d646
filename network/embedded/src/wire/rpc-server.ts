import { Server, ServerCredentials } from '@grpc/grpc-js';
import type {
  handleUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TlsMaterial } from '../../../certificates/crypto-store';
import { http2ServersOf } from './http2-servers';
import { retireBeforeResetLimit } from './reset-limit';
import { toServiceError } from './rpc-error';
import { withUnreadableMessages } from './stream';
import './strict-protobuf';

/** Largest message either way, as Fabric's peers and orderers have it (100 MB). */
const maxMessageBytes = 100 * 1024 * 1024;

/**
 * How many bytes of one connection may be under way. By default it is 64 KiB for all its calls
 * together, so that one large message holds up the small ones beside it; Go's servers widen it.
 */
const connectionWindowBytes = 4 * 1024 * 1024;

/** How long calls in flight may take to finish when a server closes. */
const shutdownGraceMs = 1000;

/** A port that another program listens on already. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly code = 'PORT_IN_USE';
  readonly port: number;
  /** Who wanted to listen there. */
  readonly node: string;

  constructor(parts: { port: number; node: string; portSetting: string }) {
    super(
      `Port ${parts.port} is in use, so ${parts.node} cannot listen on it. ` +
        `Stop the program that uses it, or change ${parts.portSetting}.`,
    );
    this.port = parts.port;
    this.node = parts.node;
  }
}

/** One gRPC service with its handlers. */
export interface RpcService {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

/** A gRPC server with TLS on 127.0.0.1. */
export class RpcServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    for (const http2Server of http2ServersOf(server)) {
      http2Server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      });
      http2Server.on('session', (session: ServerHttp2Session) => {
        session.setLocalWindowSize(connectionWindowBytes);
      });
    }
  }

  /**
   * Starts to listen.
   * @param parts.port 0 asks for any free port
   * @param parts.node who listens, for the error text
   * @param parts.portSetting what the user changes to get another port
   * @throws PortInUseError
   */
  static async listen(parts: {
    readonly port: number;
    readonly node: string;
    readonly portSetting: string;
    readonly tls: TlsMaterial;
  }): Promise<RpcServer> {
    const server = new Server({
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      // Without this a second program could share the port and take half of the calls.
      'grpc.so_reuseport': 0,
      // Nobody asks for the statistics, and they are counted for every message.
      'grpc.enable_channelz': 0,
    });
    const pair = {
      cert_chain: Buffer.from(parts.tls.certificatePem),
      private_key: Buffer.from(parts.tls.privateKeyPem),
    };
    const credentials = ServerCredentials.createSsl(null, [pair], false);
    return new Promise((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${parts.port}`, credentials, (error, port) => {
        if (!error) {
          retireBeforeResetLimit(server);
          resolve(new RpcServer(server, port));
          return;
        }
        server.forceShutdown();
        reject(error.message.includes('EADDRINUSE') ? new PortInUseError(parts) : error);
      });
    });
  }

  add(service: RpcService): void {
    this.#server.addService(withUnreadableMessages(service.definition), service.handlers);
  }

  /** Takes no new calls, lets those in flight finish for a moment, then ends them. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#server.forceShutdown();
        // A client that sends on would keep its connection, and this process, open for as long.
        for (const socket of this.#sockets) socket.destroy();
        resolve();
      }, shutdownGraceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** A handler of a unary call out of a function that answers or throws. */
export function unary<Request, Answer>(
  handler: (request: Request) => Promise<Answer> | Answer,
): handleUnaryCall<Request, Answer> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(handler)
      .then(
        (answer) => {
          callback(null, answer);
        },
        (error: unknown) => {
          callback(toServiceError(error));
        },
      );
  };
}
