import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { newApplication } from '../application';
import { readSettings } from '../config/settings';
import { Identities } from '../identity/identities';
import { TokenRegistry } from '../identity/tokens';
import { parseWalletEntry } from '../identity/wallet';
import type { Identity } from '../identity/wallet';
import { newTestCertificate } from './certificates';
import type { Store } from '../stores/open-store';
import { FakeLedger } from './fake-ledger';
import type { TestPerson } from './test-person';

/** The gateway's address as people sign it. */
export const AUDIENCE = 'http://gateway.example';

/** The token that opens `/metrics`. */
export const METRICS_TOKEN = 'token-of-monitoring';

/** An identity with a fresh certificate. */
export function newTestIdentity(options: {
  readonly name: string;
  readonly mspId: string;
  readonly role: string;
}): Identity {
  const { name, mspId, role } = options;
  const { walletFile } = newTestCertificate({ name, mspId, attributes: { role } });
  return parseWalletEntry(name, walletFile);
}

/** What a test sees of an answer. */
export interface TestAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The whole gateway on a fake ledger, with one officer, two vendors and an auditor. */
export class GatewayUnderTest {
  readonly ledger = new FakeLedger();
  readonly officer = newTestIdentity({ name: 'officer', mspId: 'MinistryMSP', role: 'officer' });
  readonly vendor1 = newTestIdentity({ name: 'vendor-1', mspId: 'VendorMSP', role: 'vendor' });
  readonly vendor2 = newTestIdentity({ name: 'vendor-2', mspId: 'VendorMSP', role: 'vendor' });
  readonly auditor = newTestIdentity({ name: 'auditor', mspId: 'AuditorMSP', role: 'auditor' });
  readonly #service = newTestIdentity({ name: 'gateway', mspId: 'AuditorMSP', role: 'gateway' });
  #application: NestFastifyApplication | undefined;

  /** @param parts.store what it keeps sealed documents in; it then listens, too */
  async start(parts: { readonly store?: Store } = {}): Promise<void> {
    const tokens = new TokenRegistry<Identity>();
    for (const identity of [this.officer, this.vendor1, this.vendor2, this.auditor]) {
      tokens.add(`token-of-${identity.name}`, identity);
    }
    this.#application = await newApplication({
      settings: readSettings({
        PROCUREMENT_LOG_LEVEL: 'silent',
        PROCUREMENT_PUBLIC_URL: AUDIENCE,
      }),
      identities: new Identities({ service: this.#service, tokens }),
      ledger: this.ledger,
      metricsToken: METRICS_TOKEN,
      ...parts,
    });
    if (parts.store !== undefined) await this.#application.listen(0, '127.0.0.1');
    else await this.#application.init();
    await this.#application.getHttpAdapter().getInstance().ready();
  }

  /** Where it listens. */
  async url(): Promise<string> {
    return this.#application?.getUrl() ?? '';
  }

  async stop(): Promise<void> {
    await this.#application?.close();
  }

  /**
   * A session of a person, whom the ledger takes for what the certificate says.
   * @param known.vendorId under which the register has the person; nobody where it is left out
   * @param known.agency of an officer
   */
  async signIn(
    person: TestPerson,
    known: { readonly vendorId?: string; readonly agency?: string } = {},
  ): Promise<{ readonly token: string }> {
    const { mspId, spki, role } = person;
    const answer = this.ledger.chaincode;
    this.ledger.chaincode = (call) =>
      call.transaction === 'audit:whoami' ? { mspId, spki, role, ...known } : answer(call);
    const asked = await this.send({ path: '/api/v1/sessions/challenges', body: {} });
    const signIn = { audience: AUDIENCE, challenge: asked.body['challenge'] };
    const { body } = await person.propose({ transaction: 'audit:whoami', input: { signIn } });
    const opened = await this.send({ path: '/api/v1/sessions', body });
    return { token: String(opened.body['token']) };
  }

  /** Sends a request without a network; `as` presents that identity's token. */
  async send(request: {
    readonly method?: 'GET' | 'POST' | 'DELETE';
    readonly path: string;
    readonly as?: Identity;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  }): Promise<TestAnswer> {
    const application = this.#application;
    if (application === undefined) {
      throw new Error('start the gateway first');
    }
    const { as: identity, body } = request;
    const answer = await application.inject({
      method: request.method ?? (body === undefined ? 'GET' : 'POST'),
      url: request.path,
      headers: {
        ...(identity === undefined ? {} : { authorization: `Bearer token-of-${identity.name}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(body === undefined
        ? {}
        : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode,
      body: isJson ? answer.json<Record<string, unknown>>() : { text: answer.body },
      headers: answer.headers,
    };
  }
}
