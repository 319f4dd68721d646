import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { retireBeforeResetLimit } from './reset-limit';

/** More than a connection is kept for, which on a slow machine may be more than 700. */
const callsMax = 3000;
const quietCalls = 800;
const noError = 0;

let server: Server;
let session: ClientHttp2Session;

beforeEach(async () => {
  server = new Server();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  retireBeforeResetLimit(server);
  session = connect(`http://127.0.0.1:${String(port)}`);
  await once(session, 'connect');
});

afterEach(() => {
  session.destroy();
  server.forceShutdown();
});

/** Calls one after the other, until the server says that it takes no more. @returns how many */
async function callUntilGoaway(
  userAgent: string,
  callCount: number,
): Promise<{ calls: number; codes: number[] }> {
  const codes: number[] = [];
  session.on('goaway', (code: number) => codes.push(code));
  let calls = 0;
  while (calls < callCount && codes.length === 0 && !session.closed) {
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/no/method', te: 'trailers' },
      ...{ 'content-type': 'application/grpc', 'user-agent': userAgent },
    });
    stream.resume().end();
    // The call that the goodbye crosses may be refused.
    stream.on('error', () => undefined);
    await new Promise((closed) => stream.once('close', closed));
    calls += 1;
  }
  return { calls, codes };
}

test('a client that resets finished calls is asked to connect anew before the limit', async () => {
  const { calls, codes } = await callUntilGoaway('grpc-node-js/1.9.16', callsMax);
  expect(codes[0]).toBe(noError);
  expect(calls).toBeGreaterThanOrEqual(700);
  expect(calls).toBeLessThan(callsMax);
});

test('any other client keeps its connection', async () => {
  const { calls, codes } = await callUntilGoaway('grpc-node-js/1.14.7', quietCalls);
  expect({ calls, codes }).toEqual({ calls: quietCalls, codes: [] });
});
