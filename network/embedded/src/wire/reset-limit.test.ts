import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { retireBeforeResetLimit } from './reset-limit';

/** More than a connection is kept for. */
const callsMax = 800;
/** What a connection has before it, and what is added a second. */
const burst = 700;
const perSecond = 33;
const oldClient = 'grpc-node-js/1.9.16';
const noError = 0;

let server: Server;
let nowMs: number;
let session: ClientHttp2Session;

beforeEach(async () => {
  server = new Server();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  nowMs = 0;
  retireBeforeResetLimit(server, () => nowMs);
  session = connect(`http://127.0.0.1:${String(port)}`);
  await once(session, 'connect');
});

afterEach(() => {
  session.destroy();
  server.forceShutdown();
});

/** One call, until it is over. */
async function call(userAgent: string): Promise<void> {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': '/no/method', te: 'trailers' },
    ...{ 'content-type': 'application/grpc', 'user-agent': userAgent },
  });
  stream.resume().end();
  // The call that the goodbye crosses may be refused.
  stream.on('error', () => undefined);
  await new Promise((closed) => stream.once('close', closed));
}

/**
 * Calls one after the other, until the server says that it takes no more, or eight hundred.
 * @param everyMs how much time passes before each
 * @returns how many
 */
async function callUntilGoaway(
  userAgent: string,
  everyMs = 0,
): Promise<{ calls: number; codes: number[] }> {
  const codes: number[] = [];
  session.on('goaway', (code: number) => codes.push(code));
  let calls = 0;
  while (calls < callsMax && codes.length === 0 && !session.closed) {
    nowMs += everyMs;
    await call(userAgent);
    calls += 1;
  }
  return { calls, codes };
}

test('a client that resets finished calls is asked to connect anew before the limit', async () => {
  const { calls, codes } = await callUntilGoaway(oldClient);
  expect(codes[0]).toBe(noError);
  expectAbout(calls, burst);
});

test('a connection that rested saves up no more than it began with', async () => {
  await call(oldClient);
  nowMs += 3_600_000;
  const { calls, codes } = await callUntilGoaway(oldClient);
  expect(codes[0]).toBe(noError);
  expectAbout(calls, burst);
});

test.each([
  ['calls so seldom that the limit is never near', oldClient, Math.ceil(1000 / perSecond)],
  ['ends its calls without a reset', 'grpc-node-js/1.14.7', 0],
])('a client that %s keeps its connection', async (_what, userAgent, everyMs) => {
  const { calls, codes } = await callUntilGoaway(userAgent, everyMs);
  expect({ calls, codes }).toEqual({ calls: callsMax, codes: [] });
});

/** The goodbye may be read some calls later than it was said. */
function expectAbout(calls: number, expected: number): void {
  expect(calls).toBeGreaterThanOrEqual(expected);
  expect(calls).toBeLessThan(expected + 50);
}
