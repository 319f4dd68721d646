/**
 * Certificates from an organisation's CA, by Fabric CA's REST interface (fabric-ca
 * `lib/server/endpoints`): enrolment with the secret that the organisation gave out once, and
 * renewal by the present certificate.
 */
import { fromUtf8, toBase64url, utf8 } from '@procurement/protocol';
import { sha256Of } from '@procurement/protocol/fabric';
import { check } from '../check';
import { ApiProblem } from '../http';
import { keyOfNode, type PinnedRoots, readCertificate } from '../signing/roots';
import type { KeyPair, Signer } from '../signing/signer';
import { certificateFacts } from './certificate-facts';
import { newCertificateRequest } from './certificate-request';

/** A request to a CA. */
export interface CaRequest {
  readonly method: 'POST';
  /** Path with query, as it stands in the request line. */
  readonly uri: string;
  readonly authorization: string;
  readonly body: string;
}

/** What a CA answers. */
export interface CaAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * How a CA is reached. A browser has `fetch`; a program that pins the CA's own TLS root has more.
 * @throws {ApiUnreachable} where no answer came
 */
export type CaTransport = (request: CaRequest) => Promise<CaAnswer>;

/** Whose certificate is wanted, and for which key. */
interface Applicant {
  readonly name: string;
  readonly mspId: string;
  readonly keys: KeyPair;
}

/** An organisation's CA. */
export class CaClient {
  readonly #transport: CaTransport;
  readonly #roots: PinnedRoots;

  /** @param options.roots pinned roots: a certificate of any other CA is not taken */
  constructor(options: { readonly transport: CaTransport; readonly roots: PinnedRoots }) {
    this.#transport = options.transport;
    this.#roots = options.roots;
  }

  /**
   * Exchanges an enrolment secret for a certificate of a key. The key stays here.
   * @returns PEM, checked against key and pinned root
   * @throws {ApiProblem | ApiUnreachable | CheckFailed}
   */
  async enrol(applicant: Applicant & { readonly secret: string }): Promise<string> {
    const login = base64(`${applicant.name}:${applicant.secret}`);
    const uri = '/api/v1/enroll';
    return this.#certify(applicant, { uri, authorize: () => Promise.resolve(`Basic ${login}`) });
  }

  /**
   * A new certificate in place of one that is still good, for the same key or another.
   * @param signer the present certificate and its key, which sign the request
   * @returns PEM, checked against key and pinned root
   * @throws {ApiProblem | ApiUnreachable | CheckFailed}
   */
  async reenrol(applicant: Applicant, signer: Signer): Promise<string> {
    const uri = '/api/v1/reenroll';
    return this.#certify(applicant, { uri, authorize: (body) => tokenOf(signer, { uri, body }) });
  }

  async #certify(
    applicant: Applicant,
    how: { readonly uri: string; readonly authorize: (body: string) => Promise<string> },
  ): Promise<string> {
    const body = JSON.stringify({ certificate_request: await newCertificateRequest(applicant) });
    const { uri, authorize } = how;
    const authorization = await authorize(body);
    const pem = readAnswer(await this.#transport({ method: 'POST', uri, authorization, body }));
    const { mspId } = applicant;
    await keyOfNode(this.#roots, { mspId, certificate: pem, role: 'client' });
    const { spki } = await certificateFacts(pem);
    check(spki === (await spkiOf(applicant.keys)), 'the CA certified another key');
    const names = readCertificate(pem).subjectName.getField('CN');
    check(names.includes(applicant.name), 'the CA certified another name');
    return pem;
  }
}

/** SHA-256 of a key's SubjectPublicKeyInfo, base64url: its name on the ledger. */
export async function spkiOf({ publicKey }: Pick<KeyPair, 'publicKey'>): Promise<string> {
  const spki = await globalThis.crypto.subtle.exportKey('spki', publicKey);
  return toBase64url(await sha256Of(new Uint8Array(spki)));
}

/** The header by which a CA knows the holder of a certificate (fabric-ca util.go: GenECDSAToken). */
async function tokenOf(
  signer: Signer,
  { uri, body }: { readonly uri: string; readonly body: string },
): Promise<string> {
  const certificate = base64(signer.certificate);
  const signed = ['POST', base64(uri), base64(body), certificate].join('.');
  return `${certificate}.${base64(await signer.sign(utf8(signed)))}`;
}

function readAnswer({ status, text }: CaAnswer): string {
  const { result, errors } = parse(text);
  if (typeof result?.Cert === 'string') return fromUtf8(fromBase64(result.Cert));
  const said = errors?.[0]?.message;
  throw new ApiProblem({
    ...{ status, code: 'CA', args: {}, transactionId: undefined },
    detail: `The CA refuses: ${typeof said === 'string' ? said : `status ${status}`}`,
  });
}

function parse(text: string): {
  readonly result?: { readonly Cert?: unknown };
  readonly errors?: readonly { readonly message?: unknown }[];
} {
  try {
    return JSON.parse(text) as ReturnType<typeof parse>;
  } catch {
    return {};
  }
}

function base64(value: string | Uint8Array): string {
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
