import { X509Certificate } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { x509 } from '../crypto/x509';
import { generateKey, toPem } from '../certificates/key-pair';
import type { CertifiedKey } from '../certificates/key-pair';
import { newCertificateRequest } from './certificate-request';
import { serialOf } from './certificate-office';
import { apiPath, refusalOf } from './fabric-ca-protocol';
import type { FabricCaAnswer } from './fabric-ca-protocol';
import { IdentitySourceError } from './identity-source';
import type {
  CaInfo,
  IdentitySource,
  Login,
  Registration,
  Revocation,
  RevocationTarget,
} from './identity-source';
import { newToken } from './request-token';

/** Where a Fabric CA server is and who registers there. */
export interface FabricCaOptions {
  /** `https://host:port`, or `http://…` on loopback. */
  readonly url: string;
  /** Name of the CA in a server of several; absent: the server's default CA. */
  readonly caName?: string;
  /** Root of the server's TLS certificate, PEM. */
  readonly tlsRootPem?: string;
  readonly registrar: Login;
  /** Default: 10,000. */
  readonly timeoutMs?: number;
}

interface Call {
  readonly endpoint: string;
  readonly body?: object;
  /** The `authorization` header for this body. */
  readonly authorization?: (request: { method: string; uri: string; body: string }) => string;
}

const defaultTimeoutMs = 10_000;

/** Identities from a Fabric CA server, by its REST interface. */
export class FabricCaSource implements IdentitySource {
  readonly #options: FabricCaOptions;
  #registrar: Promise<CertifiedKey> | undefined;

  constructor(options: FabricCaOptions) {
    this.#options = options;
  }

  async caInfo(): Promise<CaInfo> {
    const result = await this.#call({ endpoint: 'cainfo', body: {} });
    return { name: text(result, 'CAName'), certificatePem: decoded(text(result, 'CAChain')) };
  }

  async register(registration: Registration): Promise<string> {
    const { name, type, attributes, secret, maxEnrolments } = registration;
    const result = await this.#asRegistrar('register', {
      id: name,
      type,
      affiliation: '',
      attrs: Object.entries(attributes).map(([key, value]) => ({ name: key, value, ecert: true })),
      ...(secret !== undefined && { secret }),
      max_enrollments: maxEnrolments ?? -1,
    });
    return text(result, 'secret');
  }

  enrol(login: Login): Promise<CertifiedKey> {
    const basic = Buffer.from(`${login.name}:${login.secret}`, 'utf8').toString('base64');
    return this.#certify('enroll', { name: login.name, authorization: () => `Basic ${basic}` });
  }

  reenrol(current: CertifiedKey): Promise<CertifiedKey> {
    const subject = new x509.X509Certificate(current.certificatePem).subjectName;
    const [name = ''] = subject.getField('CN');
    return this.#certify('reenroll', {
      name,
      authorization: (request) => newToken(current, request),
    });
  }

  async revoke(target: RevocationTarget): Promise<Revocation> {
    const what = 'name' in target ? { id: target.name } : certificateId(target.certificatePem);
    const result = await this.#asRegistrar('revoke', { ...what, gencrl: true });
    const revoked = fields(result)['RevokedCerts'];
    const serials = Array.isArray(revoked) ? revoked.map((one) => text(one, 'Serial')) : [];
    const list = fields(result)['CRL'];
    // The server leaves the list out where no certificate was revoked with the name.
    const isGiven = typeof list === 'string' && list !== '';
    return { serials, revocationListPem: isGiven ? decoded(list) : await this.revocationList() };
  }

  async revocationList(): Promise<string> {
    return decoded(text(await this.#asRegistrar('gencrl', {}), 'CRL'));
  }

  async #certify(
    endpoint: string,
    caller: { name: string } & Required<Pick<Call, 'authorization'>>,
  ): Promise<CertifiedKey> {
    const { publicKey, privateKey } = generateKey();
    const result = await this.#call({
      endpoint,
      authorization: caller.authorization,
      body: {
        certificate_request: await newCertificateRequest({
          commonName: caller.name,
          publicKey,
          privateKey,
        }),
      },
    });
    return { certificatePem: decoded(text(result, 'Cert')), privateKeyPem: toPem(privateKey) };
  }

  async #asRegistrar(endpoint: string, body: object): Promise<unknown> {
    this.#registrar ??= this.enrol(this.#options.registrar);
    const registrar = await this.#registrar.catch((error: unknown) => {
      this.#registrar = undefined;
      throw error;
    });
    return this.#call({ endpoint, body, authorization: (request) => newToken(registrar, request) });
  }

  async #call(call: Call): Promise<unknown> {
    const { caName } = this.#options;
    const body = JSON.stringify({ ...call.body, ...(caName !== undefined && { caname: caName }) });
    const uri = `${apiPath}${call.endpoint}`;
    const authorization = call.authorization?.({ method: 'POST', uri, body });
    const answer = await this.#post({ uri, body, authorization });
    if (answer.success) return answer.result;
    const [first] = answer.errors ?? [];
    throw new IdentitySourceError(
      refusalOf(first?.code ?? 0),
      `the Fabric CA server refuses: ${first?.message ?? 'without a reason'}`,
    );
  }

  async #post(call: {
    uri: string;
    body: string;
    authorization: string | undefined;
  }): Promise<FabricCaAnswer> {
    const { url, tlsRootPem, timeoutMs = defaultTimeoutMs } = this.#options;
    const target = new URL(call.uri, url);
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const answer = await new Promise<string>((resolve, reject) => {
      const request = send(target, {
        method: 'POST',
        ...(tlsRootPem !== undefined && { ca: tlsRootPem }),
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          ...(call.authorization !== undefined && { authorization: call.authorization }),
        },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        readAll(response).then(resolve, reject);
      });
      request.end(call.body);
    }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `the Fabric CA server at ${url} cannot be reached: ${reason}`;
      throw new IdentitySourceError('unreachable', message, { cause });
    });
    return parseAnswer(answer);
  }
}

function certificateId(pem: string): { serial: string; aki: string } {
  const key = new x509.X509Certificate(pem).getExtension(x509.AuthorityKeyIdentifierExtension);
  return { serial: serialOf(new X509Certificate(pem)), aki: key?.keyId ?? '' };
}

async function readAll(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function parseAnswer(body: string): FabricCaAnswer {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof fields(parsed)['success'] === 'boolean') return parsed as FabricCaAnswer;
  } catch {
    // Falls through to the refusal, which tells the same of both.
  }
  throw new IdentitySourceError('failed', 'the answer is not one of a Fabric CA server');
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown, name: string): string {
  const found = fields(value)[name];
  if (typeof found === 'string') return found;
  throw new IdentitySourceError('failed', `the answer of the Fabric CA server has no ${name}`);
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
