import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CaseChance } from './case-chance.test-support';
import type { Place } from './rpc-calls.test-support';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const framesMax = 20;
/** A server that keeps the connection open has taken no harm. */
const listenMs = 50;

/** Sends what is no gRPC to a port, and waits until the server hangs up or a moment has passed. */
export async function sendGarbage(place: Place, chance: CaseChance): Promise<void> {
  await chance.oneOf([plainBytes, tlsBytes, frames, oddRequests])(place, chance);
}

async function plainBytes({ address }: Place, chance: CaseChance): Promise<void> {
  const socket = connectTcp({ host: '127.0.0.1', port: portOf(address) });
  const text = chance.oneOf([
    chance.bytes(chance.between(1, 2048)),
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    // A TLS record that promises more than it holds.
    Buffer.from([0x16, 0x03, 0x01, 0xff, 0xff, 0x01]),
    preface,
  ]);
  await sendAndListen(socket, 'connect', text);
}

async function tlsBytes(place: Place, chance: CaseChance): Promise<void> {
  const bytes = chance.isLucky(0.5) ? [preface] : [];
  await sendAndListen(
    tlsSocket(place),
    'secureConnect',
    Buffer.concat([...bytes, chance.bytes(chance.between(1, 2048))]),
  );
}

/** Frames of every type, with lengths, flags and stream ids of chance. */
async function frames(place: Place, chance: CaseChance): Promise<void> {
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const parts: Uint8Array[] = [preface, settings];
  for (let count = chance.between(1, framesMax); count > 0; count -= 1) {
    const payload = chance.bytes(chance.between(0, 64));
    const head = Buffer.alloc(9);
    head.writeUIntBE(chance.isLucky(0.8) ? payload.length : chance.between(0, 0xffffff), 0, 3);
    head[3] = chance.between(0, 12);
    head[4] = chance.between(0, 255);
    head.writeUInt32BE(chance.oneOf([0, 1, 3, 5, 2, 0x7fffffff]), 5);
    parts.push(head, payload);
  }
  await sendAndListen(tlsSocket(place), 'secureConnect', Buffer.concat(parts));
}

/** Well-formed HTTP/2, but no gRPC: methods, paths, types, message lengths that lie. */
async function oddRequests(place: Place, chance: CaseChance): Promise<void> {
  const session = connectHttp2(`https://${place.address}`, {
    ca: place.rootPem,
    servername: place.hostName,
  });
  session.on('error', () => undefined);
  const asked: Promise<void>[] = [];
  for (let count = chance.between(1, 8); count > 0; count -= 1) {
    asked.push(oddRequest(session, chance));
  }
  await Promise.all(asked);
  session.destroy();
}

function oddRequest(session: ClientHttp2Session, chance: CaseChance): Promise<void> {
  const path = chance.oneOf([
    '/protos.Endorser/ProcessProposal',
    '/gateway.Gateway/Evaluate',
    '/',
    '',
  ]);
  const headers: OutgoingHttpHeaders = {
    ':method': chance.oneOf(['POST', 'POST', 'GET', 'PUT', 'BREW']),
    ':path': path,
    'content-type': chance.oneOf(['application/grpc', 'application/grpc+proto', 'text/html', '']),
    te: 'trailers',
    'grpc-timeout': chance.oneOf(['1S', '0n', '99999999H', 'soon', '-1S']),
    'grpc-encoding': chance.oneOf(['identity', 'gzip', 'deflate', 'nonsense']),
    'user-agent': chance.oneOf(['', 'grpc-node-js/1.9.0', 'x'.repeat(4096)]),
  };
  const length = chance.oneOf([0, 5, 64, 0x7fffffff, 0xffffffff]);
  const head = Buffer.alloc(5);
  head[0] = chance.oneOf([0, 0, 1, 7]);
  head.writeUInt32BE(length, 1);
  return new Promise((resolve) => {
    const stream = session.request(headers);
    stream.on('error', () => undefined);
    const timer = setTimeout(() => {
      stream.close();
    }, listenMs * 4);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    stream.resume();
    stream.write(Buffer.concat([head, chance.bytes(chance.between(0, 64))]));
    if (chance.isLucky(0.7)) stream.end();
  });
}

function tlsSocket({ address, hostName, rootPem }: Place): Socket {
  const port = portOf(address);
  return connectTls({
    ...{ host: '127.0.0.1', port, servername: hostName, ca: rootPem },
    ALPNProtocols: ['h2'],
  });
}

async function sendAndListen(socket: Socket, opened: string, bytes: Buffer): Promise<void> {
  socket.on('error', () => undefined);
  await Promise.race([once(socket, opened), once(socket, 'close')]).catch(() => undefined);
  socket.setTimeout(listenMs, () => socket.destroy());
  socket.write(bytes);
  socket.resume();
  if (!socket.closed) await once(socket, 'close').catch(() => undefined);
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
