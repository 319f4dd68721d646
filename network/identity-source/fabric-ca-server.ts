import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { RegistryEntry } from './ca-registry';
import { parseCertificateRequest } from './certificate-request';
import type { CertificateOffice } from './certificate-office';
import { apiPath, refusals } from './fabric-ca-protocol';
import type { FabricCaAnswer } from './fabric-ca-protocol';
import { IdentitySourceError } from './identity-source';
import type { Registration } from './identity-source';
import { verifyToken } from './request-token';
import { readEnrolment, readRegistration, readRevocation } from './server-requests';

/** A running server. */
export interface FabricCaServer {
  /** `https://127.0.0.1:port`, or `http://…` without TLS. */
  readonly url: string;
  close(): Promise<void>;
}

interface Request {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  readonly authorization: string;
}

interface Endpoint {
  readonly successStatus: number;
  readonly answer: (office: CertificateOffice, request: Request) => Promise<object>;
}

const largestBody = 1024 * 1024;

/** The endpoints of Fabric CA that its clients and SDKs use for X.509 identities. */
const endpoints: Readonly<Record<string, Endpoint>> = {
  cainfo: { successStatus: 200, answer: (office) => Promise.resolve(caInfo(office)) },
  enroll: { successStatus: 201, answer: enroll },
  reenroll: { successStatus: 201, answer: reenroll },
  register: { successStatus: 201, answer: register },
  revoke: { successStatus: 200, answer: revoke },
  gencrl: { successStatus: 200, answer: generateList },
};

/**
 * Serves an embedded CA by Fabric CA's REST interface on 127.0.0.1, so that `fabric-ca-client` and
 * the SDKs enrol there.
 * @param options.port 0 asks for any free port
 */
export async function startFabricCaServer(options: {
  office: CertificateOffice;
  port: number;
  tls?: { readonly certificatePem: string; readonly privateKeyPem: string };
}): Promise<FabricCaServer> {
  const { office, port, tls } = options;
  const listener: RequestListener = (request, response) => {
    void answerRequest(office, { request, response });
  };
  const server: Server = tls
    ? createHttpsServer({ cert: tls.certificatePem, key: tls.privateKeyPem }, listener)
    : createHttpServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${String(bound)}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answerRequest(
  office: CertificateOffice,
  exchange: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { request, response } = exchange;
  try {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname.replace(/^\/(api\/v1\/)?/, '');
    const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
    if (!endpoint) throw new IdentitySourceError('not-found', `there is no ${apiPath}${name}`);
    const result = await endpoint.answer(office, await readRequest(request));
    reply(response, endpoint.successStatus, { result, errors: [], success: true });
  } catch (error) {
    const refusal = error instanceof IdentitySourceError ? error : internalError();
    const { status, code } = refusals[refusal.reason];
    const errors = [{ code, message: refusal.message }];
    reply(response, status, { result: '', errors, success: false });
  }
}

/** The fault itself stays here: its text could quote a key file. */
function internalError(): IdentitySourceError {
  return new IdentitySourceError('failed', 'an error inside the CA');
}

function reply(response: ServerResponse, status: number, answer: FabricCaAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...answer, messages: [] }));
}

async function readRequest(request: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > largestBody) throw new IdentitySourceError('malformed', 'the body is too large');
    parts.push(part as Buffer);
  }
  return {
    method: request.method ?? '',
    uri: request.url ?? '',
    body: Buffer.concat(parts).toString('utf8'),
    authorization: request.headers.authorization ?? '',
  };
}

function caInfo(office: CertificateOffice): object {
  const { name, certificatePem } = office.info;
  return {
    CAName: name,
    CAChain: base64(certificatePem),
    // Keys of the Idemix issuer, which this CA has not got.
    IssuerPublicKey: '',
    IssuerRevocationPublicKey: '',
    Version: '1.5',
  };
}

async function enroll(office: CertificateOffice, request: Request): Promise<object> {
  const login = basicLogin(request.authorization);
  const wanted = await parseCertificateRequest(readEnrolment(request.body));
  checkCommonName(wanted.commonName, login.name);
  const certificatePem = await office.certify(login, wanted.publicKey);
  return { Cert: base64(certificatePem), ServerInfo: caInfo(office) };
}

async function reenroll(office: CertificateOffice, request: Request): Promise<object> {
  const current = verifyToken(request.authorization, request);
  const { name } = await office.holderOf(current);
  const wanted = await parseCertificateRequest(readEnrolment(request.body));
  checkCommonName(wanted.commonName, name);
  const certificatePem = await office.recertify(current, wanted.publicKey);
  return { Cert: base64(certificatePem), ServerInfo: caInfo(office) };
}

async function register(office: CertificateOffice, request: Request): Promise<object> {
  await registrarOf(office, request);
  const registration: Registration = readRegistration(request.body);
  return { secret: await office.register(registration) };
}

async function revoke(office: CertificateOffice, request: Request): Promise<object> {
  const caller = await callerOf(office, request);
  const { target, wantsList } = readRevocation(request.body);
  // Everybody may give up what is their own (lib/serverrevoke.go:checkAuth).
  if (!caller.isRegistrar && !isOwn(caller, target)) throw unauthorized(caller.name);
  const revoked = await office.revoke(target);
  const aki = office.authorityKeyId;
  return {
    RevokedCerts: revoked.serials.map((serial) => ({ Serial: serial, AKI: aki })),
    CRL: wantsList && revoked.serials.length > 0 ? base64(revoked.revocationListPem) : '',
  };
}

async function generateList(office: CertificateOffice, request: Request): Promise<object> {
  await registrarOf(office, request);
  return { CRL: base64(await office.revocationList()) };
}

function isOwn(caller: RegistryEntry, target: { name: string } | { serial: string }): boolean {
  if ('name' in target) return target.name === caller.name;
  return caller.certificates.some((one) => one.serial === target.serial);
}

function callerOf(office: CertificateOffice, request: Request): Promise<RegistryEntry> {
  return office.holderOf(verifyToken(request.authorization, request));
}

async function registrarOf(office: CertificateOffice, request: Request): Promise<RegistryEntry> {
  const caller = await callerOf(office, request);
  if (!caller.isRegistrar) throw unauthorized(caller.name);
  return caller;
}

function unauthorized(name: string): IdentitySourceError {
  return new IdentitySourceError('unauthorized', `${name} has no right to do this`);
}

function checkCommonName(commonName: string, name: string): void {
  if (commonName === name) return;
  throw new IdentitySourceError('malformed', 'the common name must be the enrolment id');
}

function basicLogin(authorization: string): { name: string; secret: string } {
  const [, encoded] = /^Basic (.+)$/.exec(authorization) ?? [];
  const plain = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  if (colon < 1) throw new IdentitySourceError('unauthenticated', 'no name and secret were given');
  return { name: plain.slice(0, colon), secret: plain.slice(colon + 1) };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
