import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Params } from 'nestjs-pino';
import type { Settings } from '../config/settings';

/** What of a request is logged: neither its headers, which hold the token, nor its body. */
function request(raw: IncomingMessage & { id?: unknown }): Record<string, unknown> {
  return { id: raw.id, method: raw.method, url: raw.url };
}

/**
 * Logging as JSON lines on standard output.
 * @param level least severe level that is written
 */
export function loggerOptions(level: Settings['logLevel']): Params {
  return {
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
