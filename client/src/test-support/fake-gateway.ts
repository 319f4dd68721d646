/** A gateway that answers from a table, over real HTTP, for tests of the client. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What one route answers: a value, or a status with a body as it is to be sent. */
interface FakeAnswer {
  readonly status?: number;
  readonly body: unknown;
}

/** Works an answer out from the body of a request. */
type FakeRoute = FakeAnswer | ((body: unknown) => Promise<FakeAnswer>);

/** A request that reached the gateway. */
interface FakeRequest {
  readonly route: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** A running fake. */
export interface FakeGateway {
  readonly baseUrl: string;
  readonly requests: FakeRequest[];
  /** By `METHOD /path`, the path after `/api/v1` with its query. */
  readonly routes: Map<string, FakeRoute>;
  readonly close: () => Promise<void>;
}

/** Starts a fake on a free port of this machine. */
export async function startFakeGateway(): Promise<FakeGateway> {
  const routes = new Map<string, FakeRoute>();
  const requests: FakeRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const route = `${request.method ?? ''} ${(request.url ?? '').replace('/api/v1', '')}`;
      requests.push({ route, authorization: request.headers.authorization, body });
      const found = routes.get(route) ?? { status: 404, body: { code: 'NO_ROUTE' } };
      const answer = typeof found === 'function' ? await found(body) : found;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  const baseUrl = await listening(server);
  return { baseUrl, requests, routes, close: async () => closed(server) };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
