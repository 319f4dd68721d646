import type { Server } from '@grpc/grpc-js';
import { constants } from 'node:http2';
import type { Http2Session, IncomingHttpHeaders } from 'node:http2';
import { http2ServersOf } from './http2-servers';

/**
 * What nghttp2 takes of one connection: 1,000 stream resets at once and 33 a second from then on;
 * more end the connection with all calls on it. A margin is left for calls under way.
 */
const resets = { burst: 700, perSecond: 33 };

/** From this minor version on, grpc-js 1.x ends a finished call without a reset. */
const firstQuietMinor = 14;

/** Names every id a stream can have, so that no stream under way is refused. */
const lastStreamId = 2 ** 31 - 1;

interface Connection {
  readonly openedAtMs: number;
  streams: number;
}

/**
 * Asks clients that reset every finished call, as old grpc-js does, to go on with a new connection
 * (GOAWAY) before the limit of Node's HTTP/2 server would cut the one they have. Calls under way
 * end where they began. Real peers, written in Go, have no such limit.
 * @param server listens already
 */
export function retireBeforeResetLimit(server: Server): void {
  const connections = new WeakMap<Http2Session, Connection>();
  for (const http2Server of http2ServersOf(server)) {
    http2Server.on('stream', (stream, headers) => {
      const { session } = stream;
      if (session && resetsFinishedCalls(headers)) countStream(session, connections);
    });
  }
}

function countStream(session: Http2Session, connections: WeakMap<Http2Session, Connection>): void {
  const connection = connections.get(session) ?? { openedAtMs: performance.now(), streams: 0 };
  connections.set(session, connection);
  connection.streams += 1;
  const ageSeconds = (performance.now() - connection.openedAtMs) / 1000;
  if (session.closed || connection.streams < resets.burst + ageSeconds * resets.perSecond) return;
  session.goaway(constants.NGHTTP2_NO_ERROR, lastStreamId);
  session.close();
}

function resetsFinishedCalls(headers: IncomingHttpHeaders): boolean {
  const minor = /grpc-node-js\/1\.(\d+)/.exec(headers['user-agent'] ?? '')?.[1];
  return minor !== undefined && Number(minor) < firstQuietMinor;
}
