/** How a CA is reached from a machine that pins the CA's own TLS root. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { ApiUnreachable } from '../../http';
import type { CaAnswer, CaRequest, CaTransport } from '../../keys/enrolment';
import { UsageError } from '../usage-error';

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES_MAX = 1024 * 1024;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * @param ca.url address of the CA without a path
 * @param ca.tlsRoot PEM of the root that its TLS certificate must come from; the machine's own
 *   roots where it is left out
 * @throws {UsageError} where a secret would travel in the clear
 */
export function caTransport(ca: {
  readonly url: string;
  readonly tlsRoot?: string | undefined;
}): CaTransport {
  const { protocol, hostname } = new URL(ca.url);
  const isSafe = protocol === 'https:' || LOOPBACK.includes(hostname);
  if (!isSafe) throw new UsageError('the CA must be reached over https');
  return (request) => send(new URL(request.uri, ca.url), { request, tlsRoot: ca.tlsRoot });
}

function send(
  url: URL,
  { request, tlsRoot }: { readonly request: CaRequest; readonly tlsRoot: string | undefined },
): Promise<CaAnswer> {
  const { method, authorization, body } = request;
  const headers = {
    ...{ authorization, 'content-type': 'application/json' },
    'content-length': Buffer.byteLength(body),
  };
  const trust = tlsRoot === undefined ? {} : { ca: tlsRoot };
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(new ApiUnreachable(`${url.origin}: ${error.message}`, { cause: error }));
    };
    const options = { method, headers, ...trust, timeout: TIMEOUT_MS };
    const sent = start(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (text.length > ANSWER_BYTES_MAX) sent.destroy(new Error('the answer is too long'));
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on('timeout', () => {
      sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
