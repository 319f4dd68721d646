import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestMethod } from '@nestjs/common';
import type { Params } from 'nestjs-pino';
import type { Settings } from '../config/settings';

type LoggedRequest = IncomingMessage & { readonly id?: unknown; readonly originalUrl?: string };

/**
 * What of a request is logged: neither its headers, which hold the token, nor its body, nor its
 * query, which may name a bid.
 */
function request(raw: LoggedRequest): Record<string, unknown> {
  // The middleware layer cuts its own path off `url`.
  const [path] = (raw.originalUrl ?? raw.url ?? '').split('?');
  return { id: raw.id, method: raw.method, url: path };
}

/**
 * Logging as JSON lines on standard output.
 * @param level least severe level that is written
 */
export function loggerOptions(level: Settings['logLevel']): Params {
  return {
    forRoutes: [{ path: '{*path}', method: RequestMethod.ALL }],
    pinoHttp: {
      level,
      quietReqLogger: true,
      wrapSerializers: false,
      serializers: {
        req: request,
        res: (raw: ServerResponse) => ({ statusCode: raw.statusCode }),
        err: (error: Error) => ({ type: error.name, message: error.message }),
      },
    },
  };
}
