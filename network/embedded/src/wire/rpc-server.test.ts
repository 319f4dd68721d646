import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, credentials, status } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { createOrLoadCrypto } from '../../../certificates/crypto-store';
import type { TlsMaterial } from '../../../certificates/crypto-store';
import { assetTopology } from '../test-support/asset-network';
import { silentLog, systemClock } from '../seams';
import { orderingNodeService } from './ordering-node-service';
import { RpcServer } from './rpc-server';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
/** HEADERS of a POST to `/` on stream 1, which the client does not end. */
const openRequest = Buffer.from([0, 0, 3, 1, 4, 0, 0, 0, 1, 0x83, 0x87, 0x84]);

let folder: string;
let tls: TlsMaterial;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rpc-server-'));
  ({ tls } = (await createOrLoadCrypto({ topology: assetTopology, folder })).orderer);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('a connection takes some megabytes at once, whatever its single calls may send', async () => {
  const setting = { node: 'a node', portSetting: 'nothing' };
  const server = await RpcServer.listen({ port: 0, ...setting, tls });
  const address = `https://127.0.0.1:${String(server.port)}`;
  const client = connectHttp2(address, { rejectUnauthorized: false });
  await once(client, 'remoteSettings');
  // What the server said before the answer to a ping has been heard by then.
  await new Promise((resolve) => client.ping(resolve));
  expect(client.state.remoteWindowSize).toBe(4 * 1024 * 1024);
  client.close();
  await server.close();
});

test('a server that closes ends the connection of a client that sends on', async () => {
  const setting = { node: 'a node', portSetting: 'nothing' };
  const server = await RpcServer.listen({ port: 0, ...setting, tls });
  const { port } = server;
  // It does not end its side when the server ends its own.
  const stubborn = { allowHalfOpen: true, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  const client = connect({ host: '127.0.0.1', port, ...stubborn });
  await once(client, 'secureConnect');
  client.write(Buffer.concat([preface, emptySettings, openRequest]));
  await once(client, 'data');
  const ended = new Promise<string>((resolve) => {
    client.on('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code ?? '');
    });
  });
  const sending = setInterval(() => client.write(emptySettings), 10);
  await server.close();
  expect(['ECONNRESET', 'EPIPE']).toContain(await ended);
  clearInterval(sending);
  client.destroy();
});

test('a message that cannot be read ends its stream, after the answers to those before it', async () => {
  const server = await RpcServer.listen({ port: 0, node: 'a node', portSetting: 'nothing', tls });
  const takesATurn = async (): Promise<{ status: 200; info: string }> => {
    await new Promise((resolve) => setImmediate(resolve));
    return { status: common.Status.SUCCESS, info: '' };
  };
  server.add(
    orderingNodeService({
      ordering: { broadcast: takesATurn, channel: () => undefined },
      clock: systemClock,
      log: silentLog,
      closing: new AbortController().signal,
    }),
  );
  const client = new Client(
    `127.0.0.1:${String(server.port)}`,
    credentials.createSsl(Buffer.from(tls.rootCertificatePem)),
  );
  const same = (bytes: Buffer): Buffer => bytes;
  const { path } = orderer.AtomicBroadcastService.broadcast;
  const stream = client.makeBidiStreamRequest(path, same, same);
  const answers: number[] = [];
  stream.on('data', (answer: Buffer) => {
    answers.push(orderer.BroadcastResponse.deserializeBinary(answer).getStatus());
  });
  stream.on('error', () => undefined);
  const ended = new Promise((resolve) => stream.on('status', resolve));
  for (const message of [Buffer.of(), Buffer.of(), Buffer.of(0xff), Buffer.of()]) {
    stream.write(message);
  }
  stream.end();
  expect(await ended).toMatchObject({
    code: status.INTERNAL,
    details: 'Error deserializing request',
  });
  expect(answers).toEqual([200, 200]);
  client.close();
  await server.close();
});
