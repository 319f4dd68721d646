import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Which way bytes go: `up` from a client to the server. */
export type Direction = 'up' | 'down';

/** Stands between clients and a server, and keeps every byte that passes, both ways. */
export class RecordingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #recorded: Buffer[] = [];
  #targetPort = 0;
  /** Says of what comes whether the connection is cut instead. */
  drops: (text: string, direction: Direction) => boolean = () => false;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (client) => {
      this.#join(client, connect(this.#targetPort, '127.0.0.1'));
    });
  }

  /** Listens on a free port of this machine. */
  static async listen(): Promise<RecordingProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RecordingProxy(server);
  }

  /** Address for the clients, without a trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections from now on go to this address. */
  forwardTo(url: string): void {
    this.#targetPort = Number(new URL(url).port);
  }

  /** What has passed since the last time, connections one after the other. */
  takeRecorded(): Buffer {
    const recorded = Buffer.concat(this.#recorded);
    this.#recorded = [];
    return recorded;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, target: Socket): void {
    for (const [from, to, direction] of [
      [client, target, 'up'],
      [target, client, 'down'],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        if (this.drops(bytes.toString('latin1'), direction)) {
          from.destroy();
          return;
        }
        this.#recorded.push(bytes);
        to.write(bytes);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.#sockets.delete(from);
      });
    }
  }
}
