import type { Server } from '@grpc/grpc-js';
import { constants } from 'node:http2';
import type { Http2Session, IncomingHttpHeaders } from 'node:http2';
import { http2ServersOf } from './http2-servers';

/**
 * What nghttp2 takes of one connection: 1,000 stream resets at once, and 33 a second are added to
 * what is left of them; more end the connection with all calls on it. A margin is left for calls
 * under way. Source: nghttp2 lib/nghttp2_ratelim.c
 */
const resets = { burst: 700, perSecond: 33 };

/** From this minor version on, grpc-js 1.x ends a finished call without a reset. */
const firstQuietMinor = 14;

/** Names every id a stream can have, so that no stream under way is refused. */
const lastStreamId = 2 ** 31 - 1;

interface Connection {
  /** Resets that are left. */
  left: number;
  countedAtMs: number;
}

/**
 * Asks clients that reset every finished call, as old grpc-js does, to go on with a new connection
 * (GOAWAY) before the limit of Node's HTTP/2 server would cut the one they have. Calls under way
 * end where they began. Real peers, written in Go, have no such limit.
 * @param server listens already
 * @param nowMs any clock that runs evenly, in milliseconds
 */
export function retireBeforeResetLimit(
  server: Server,
  nowMs: () => number = () => performance.now(),
): void {
  const connections = new WeakMap<Http2Session, Connection>();
  for (const http2Server of http2ServersOf(server)) {
    http2Server.on('stream', (stream, headers) => {
      const { session } = stream;
      if (session && resetsFinishedCalls(headers))
        countStream({ session, connections, atMs: nowMs() });
    });
  }
}

function countStream(stream: {
  readonly session: Http2Session;
  readonly connections: WeakMap<Http2Session, Connection>;
  readonly atMs: number;
}): void {
  const { session, connections, atMs } = stream;
  const connection = connections.get(session) ?? { left: resets.burst, countedAtMs: atMs };
  connections.set(session, connection);
  const added = ((atMs - connection.countedAtMs) / 1000) * resets.perSecond;
  // A connection that rests saves up no more than it began with.
  connection.left = Math.min(resets.burst, connection.left + added) - 1;
  connection.countedAtMs = atMs;
  if (session.closed || connection.left > 0) return;
  session.goaway(constants.NGHTTP2_NO_ERROR, lastStreamId);
  session.close();
}

function resetsFinishedCalls(headers: IncomingHttpHeaders): boolean {
  const minor = /grpc-node-js\/1\.(\d+)/.exec(headers['user-agent'] ?? '')?.[1];
  return minor !== undefined && Number(minor) < firstQuietMinor;
}
