import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Whom the server lets in. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * A store that speaks as much of S3 as one needs to put and get objects, in memory. It checks every
 * request's signature (AWS Signature Version 4) and the checksum that came with an object.
 */
export class S3Server {
  /** Objects by `/bucket/key`. */
  readonly objects = new Map<string, Buffer>();
  /** Answers everything with 503 while it is set. */
  isDown = false;
  readonly #server: Server;
  readonly #credentials: S3Credentials;

  private constructor(server: Server, credentials: S3Credentials) {
    this.#server = server;
    this.#credentials = credentials;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** Listens on a free port of this machine. */
  static async listen(credentials: S3Credentials): Promise<S3Server> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new S3Server(server, credentials);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname } = new URL(request.url ?? '', this.url);
    if (this.isDown) refuse(response, 503, 'ServiceUnavailable');
    else if (!isSigned(request, this.#credentials)) refuse(response, 403, 'SignatureDoesNotMatch');
    else if (request.method === 'PUT') this.#put(pathname, Buffer.concat(parts), request, response);
    else this.#get(pathname, response);
  }

  #put(path: string, bytes: Buffer, { headers }: IncomingMessage, response: ServerResponse): void {
    const checksum = createHash('sha256').update(bytes).digest('base64');
    if (headers['x-amz-checksum-sha256'] !== checksum) refuse(response, 400, 'BadDigest');
    else {
      this.objects.set(path, bytes);
      response.writeHead(200, { etag: '"1"' }).end();
    }
  }

  #get(path: string, response: ServerResponse): void {
    const bytes = this.objects.get(path);
    if (bytes === undefined) refuse(response, 404, 'NoSuchKey');
    else response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' }).end(bytes);
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}

/** Whether the signature in the header is of these credentials and this request. */
function isSigned(request: IncomingMessage, credentials: S3Credentials): boolean {
  const found = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (found === null) return false;
  const [, accessKeyId = '', scope = '', signedHeaders = '', signature = ''] = found;
  const canonical = sha256(canonicalRequest(request, signedHeaders));
  const date = headerOf(request, 'x-amz-date');
  const text = ['AWS4-HMAC-SHA256', date, scope, canonical].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer>(hmac, Buffer.from(`AWS4${credentials.secretAccessKey}`));
  const isSame = timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'));
  return accessKeyId === credentials.accessKeyId && isSame;
}

function canonicalRequest(request: IncomingMessage, signedHeaders: string): string {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const headers = signedHeaders.split(';').map((name) => `${name}:${headerOf(request, name)}\n`);
  return [
    ...[request.method ?? '', path, query.split('&').sort().join('&')],
    ...[headers.join(''), signedHeaders, headerOf(request, 'x-amz-content-sha256')],
  ].join('\n');
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  return String(headers[name] ?? '').trim();
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
