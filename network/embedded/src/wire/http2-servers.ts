import type { Server } from '@grpc/grpc-js';
import type { Http2Server } from 'node:http2';

/** Of the one field of the server that has no public name. */
interface ServerInside {
  readonly http2Servers?: ReadonlyMap<Http2Server, unknown>;
}

/** What a gRPC server listens with, once it does. */
export function http2ServersOf(server: Server): readonly Http2Server[] {
  return [...((server as unknown as ServerInside).http2Servers?.keys() ?? [])];
}
