import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Reject } from '@procurement/protocol';
import { EvaluateRefused } from '../ledger/stage-errors';
import { AUDIENCE, GatewayUnderTest } from '../test-support/gateway-under-test';
import type { TestAnswer } from '../test-support/gateway-under-test';
import { newTestPerson } from '../test-support/test-person';
import type { PersonCall } from '../test-support/test-person';
import { CHALLENGE_MS, SESSION_MS, SessionService } from './session.service';

const gateway = new GatewayUnderTest();
const vendor = newTestPerson({ name: 'dorji', mspId: 'VendorMSP', role: 'vendor' });
const known = { mspId: 'VendorMSP' as const, spki: vendor.spki, role: 'vendor' as const };
const ME = '/api/v1/me';
const CURRENT = '/api/v1/sessions/current';

beforeAll(() => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.ledger.calls.length = 0;
  gateway.ledger.chaincode = () => known;
});

async function challenge(): Promise<string> {
  const { body } = await gateway.send({ path: '/api/v1/sessions/challenges', body: {} });
  return body['challenge'] as string;
}

async function answer(signIn: object | undefined, call: PersonCall = {}): Promise<TestAnswer> {
  const input = signIn === undefined ? {} : { signIn };
  const { body } = await vendor.propose({ transaction: 'audit:whoami', input, ...call });
  return gateway.send({ path: '/api/v1/sessions', body });
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('signing in', () => {
  test('gives a session to whoever signs the challenge, as the ledger knows them', async () => {
    const given = await answer({ audience: AUDIENCE, challenge: await challenge() });
    expect(given.status).toBe(200);
    expect(given.body['person']).toEqual(known);
    expect(gateway.ledger.calls[0]?.creator).toEqual({
      mspId: vendor.mspId,
      certificate: vendor.certificate,
    });
  });

  test('takes a challenge once', async () => {
    const signIn = { audience: AUDIENCE, challenge: await challenge() };
    expect((await answer(signIn)).status).toBe(200);
    expect(await answer(signIn)).toMatchObject({ status: 401, body: { code: 'SIGN_IN' } });
  });

  test.each<[string, (given: string) => object | undefined, PersonCall]>([
    [
      'for another gateway',
      (given) => ({ audience: 'http://other.example', challenge: given }),
      {},
    ],
    [
      'with a challenge that nobody gave',
      () => ({ audience: AUDIENCE, challenge: 'A'.repeat(43) }),
      {},
    ],
    ['without a challenge', () => undefined, {}],
    ['by another query', () => undefined, { transaction: 'vendor:me' }],
  ])('is refused %s', async (_, signInOf, call) => {
    const given = await answer(signInOf(await challenge()), call);
    expect(given).toMatchObject({ status: 401, body: { code: 'SIGN_IN' } });
    expect(given.body).not.toHaveProperty('token');
    expect(gateway.ledger.calls).toEqual([]);
  });

  test('is refused with an input that is not of its form, and the ledger is not asked', async () => {
    const given = await answer({ challenge: await challenge() });
    expect(given).toMatchObject({ status: 400, body: { code: 'FORMAT' } });
    expect(gateway.ledger.calls).toEqual([]);
  });

  test.each<[string, () => never, object]>([
    [
      'whose signature or certificate a peer does not take',
      () => {
        throw new EvaluateRefused({ message: 'access denied', transactionId: 'x' });
      },
      { status: 502, body: { code: 'EVALUATE_REFUSED' } },
    ],
    [
      'whose key was revoked in the register',
      () => {
        throw new Reject('KEY', { spki: vendor.spki, state: 'revoked' });
      },
      { status: 403, body: { code: 'KEY' } },
    ],
    [
      'whose certificate has no role in this organisation',
      () => {
        throw new Reject('ROLE', { mspId: 'VendorMSP', role: '', transaction: 'audit:whoami' });
      },
      { status: 403, body: { code: 'ROLE' } },
    ],
  ])('is refused to one %s, as the ledger says', async (_, refuse, expected) => {
    gateway.ledger.chaincode = refuse;
    const given = await answer({ audience: AUDIENCE, challenge: await challenge() });
    expect(given).toMatchObject(expected);
  });

  test('takes no command in place of the query', async () => {
    const { body } = await vendor.propose({});
    const given = await gateway.send({ path: '/api/v1/sessions', body });
    expect(given.body).not.toHaveProperty('token');
    expect(gateway.ledger.submitted).toEqual([]);
  });
});

describe('a session', () => {
  test('opens the routes of people, until it is signed out', async () => {
    const { token } = await gateway.signIn(vendor);
    const { body } = await vendor.propose({ transaction: 'tender:list' });
    const ask = (): Promise<TestAnswer> =>
      gateway.send({ path: '/api/v1/relay/queries', headers: bearer(token), body });
    expect((await ask()).status).toBe(200);
    const end = { method: 'DELETE', path: CURRENT, headers: bearer(token) } as const;
    expect((await gateway.send(end)).status).toBe(204);
    expect(await ask()).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  });

  test('opens no route of service accounts', async () => {
    const { token } = await gateway.signIn(vendor);
    const paths = [ME, '/api/v1/tenders', '/api/v1/vendors/me', '/api/v1/tenders/T-1/trail'];
    for (const path of paths) {
      const given = await gateway.send({ path, headers: bearer(token) });
      expect(given).toMatchObject({ status: 403, body: { code: 'FOR_SERVICE_ACCOUNTS' } });
    }
  });

  test('is not what the token of a service account gives', async () => {
    const { body } = await vendor.propose({ transaction: 'tender:list' });
    for (const path of ['queries', 'proposals', 'trails'].map((name) => `/api/v1/relay/${name}`)) {
      const given = await gateway.send({ path, body, as: gateway.officer });
      expect(given).toMatchObject({ status: 403, body: { code: 'FOR_PEOPLE' } });
    }
    const end = { method: 'DELETE', path: CURRENT, as: gateway.officer } as const;
    expect(await gateway.send(end)).toMatchObject({ status: 403, body: { code: 'FOR_PEOPLE' } });
  });

  test.each([['nobody'], ['a token'], ['../../etc'], ['']])(
    'is not opened by %j',
    async (token) => {
      const given = await gateway.send({ path: CURRENT, method: 'DELETE', headers: bearer(token) });
      expect(given).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    },
  );
});

describe('time', () => {
  const person = { ...vendor, known };
  const nowMs = Date.parse('2026-11-25T10:00:00Z');

  test('ends a challenge after two minutes', () => {
    const sessions = new SessionService();
    const [first, second] = [sessions.challenge(nowMs), sessions.challenge(nowMs)];
    expect(sessions.answer(first.token, nowMs + CHALLENGE_MS)).toBe(true);
    expect(sessions.answer(second.token, nowMs + CHALLENGE_MS + 1)).toBe(false);
  });

  test('takes no challenge away, however many are asked for after it', () => {
    const sessions = new SessionService();
    const { token } = sessions.challenge(nowMs);
    for (let asked = 0; asked <= 10_000; asked += 1) sessions.challenge(nowMs);
    expect(sessions.answer(token, nowMs)).toBe(true);
    expect(sessions.answer(token, nowMs)).toBe(false);
  });

  test('opens no challenge of another process, nor one whose end was moved', () => {
    const sessions = new SessionService();
    expect(new SessionService().answer(sessions.challenge(nowMs).token, nowMs)).toBe(false);
    const later = Buffer.from(sessions.challenge(nowMs).token, 'base64url');
    later.writeBigUInt64BE(BigInt(nowMs + 10 * CHALLENGE_MS));
    const moved = later.toString('base64url');
    expect(sessions.answer(moved, nowMs + 2 * CHALLENGE_MS)).toBe(false);
  });

  test('ends a session after a quarter of an hour, used or not', () => {
    const sessions = new SessionService();
    const { token, expiresAtMs } = sessions.open(person, nowMs);
    expect(expiresAtMs).toBe(nowMs + SESSION_MS);
    expect(sessions.find(token, nowMs + SESSION_MS)).toBe(person);
    expect(sessions.find(token, nowMs + SESSION_MS + 1)).toBeUndefined();
  });

  test('leaves room: the oldest of ten thousand sessions goes first', () => {
    const sessions = new SessionService();
    const first = sessions.open(person, nowMs).token;
    const second = sessions.open(person, nowMs).token;
    for (let opened = 2; opened <= 10_000; opened += 1) sessions.open(person, nowMs);
    expect(sessions.find(first, nowMs)).toBeUndefined();
    expect(sessions.find(second, nowMs)).toBe(person);
  });
});
