import { common } from '@hyperledger/fabric-protos';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Reject } from '@procurement/protocol';
import { EndorseDiverged } from './ledger/stage-errors';
import { GatewayUnderTest } from './test-support/gateway-under-test';
import { testBlock } from './test-support/blocks';

const gateway = new GatewayUnderTest();
const TENDER = '/api/v1/tenders/T-1';

function bytes(length: number): string {
  return Buffer.alloc(length, 1).toString('base64url');
}

const envelope = {
  C: [bytes(32)],
  Y: [bytes(32)],
  cmt: bytes(32),
  ct: 'AAAA',
  ctHash: bytes(32),
  ctLen: 1040,
  e: bytes(32),
  suite: 'ristretto255-SHA512/HKDF-SHA256/AES-256-GCM',
  v: 1,
  z: [bytes(32)],
};
const bid = { requestId: 'r-1', lotId: 'L-1', noticeHash: bytes(32), version: 1, envelope };

function answering(result: unknown, repeated = false): void {
  gateway.ledger.chaincode = ({ transactionId }) => ({ repeated, result, transactionId });
}

beforeAll(() => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.ledger.calls.length = 0;
  gateway.ledger.submitted.length = 0;
  gateway.ledger.commitCodes.length = 0;
});

describe('a command', () => {
  test('is endorsed, submitted and answered with its transaction and block', async () => {
    answering({ tenderId: 'T-1', state: 'published' });

    const answer = await gateway.send({
      path: `${TENDER}/publication`,
      as: gateway.officer,
      body: { requestId: 'r-1' },
    });

    const [call] = gateway.ledger.calls;
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      result: { tenderId: 'T-1', state: 'published' },
      transactionId: call?.transactionId,
      blockNumber: '0',
      repeated: false,
    });
    expect(call?.transaction).toBe('tender:publish');
    expect(call?.input).toEqual({ requestId: 'r-1', tenderId: 'T-1' });
    expect(call?.creator.certificate).toBe(gateway.officer.certificate);
    expect(gateway.ledger.submitted).toEqual([call?.transactionId]);
  });

  test('that judges first envelopes is of the tender in the address', async () => {
    answering({ tenderId: 'T-1.technical', state: 'opened', recorded: false });
    const failed = [{ bidKey: 'bid/T-1.technical/L1/vendor-1', reason: 'No crane is named.' }];
    const path = '/api/v1/tenders/T-1.technical/technical-evaluation';

    const answer = await gateway.send({
      ...{ path, as: gateway.auditor, body: { requestId: 'r-1', failed } },
    });

    expect(answer.body).toMatchObject({ result: { recorded: false } });
    const [call] = gateway.ledger.calls;
    expect(call?.transaction).toBe('award:recordTechnical');
    expect(call?.input).toEqual({ requestId: 'r-1', tenderId: 'T-1.technical', failed });
    const misspelt = path.replace('.technical/', '.technical.financial/');
    const refused = await gateway.send({
      ...{ path: misspelt, as: gateway.auditor, body: { requestId: 'r-1', failed } },
    });
    expect(refused).toMatchObject({ status: 400, body: { code: 'FORMAT' } });
  });

  test('that repeats an earlier one is not submitted again', async () => {
    answering({}, true);

    const answer = await gateway.send({
      path: `${TENDER}/closure`,
      as: gateway.auditor,
      body: { requestId: 'r-1' },
    });

    expect(answer.body['repeated']).toBe(true);
    expect(gateway.ledger.submitted).toEqual([]);
  });

  test('that lost a race is proposed anew with the same request id', async () => {
    answering({});
    gateway.ledger.commitCodes.push(11, 12);

    const answer = await gateway.send({
      path: `${TENDER}/closure`,
      as: gateway.auditor,
      body: { requestId: 'r-1' },
    });

    expect(answer.status).toBe(200);
    expect(new Set(gateway.ledger.submitted).size).toBe(3);
  });

  test('that keeps losing is refused after four proposals', async () => {
    answering({});
    gateway.ledger.commitCodes.push(11, 11, 11, 11);

    const answer = await gateway.send({
      path: `${TENDER}/closure`,
      as: gateway.auditor,
      body: { requestId: 'r-1' },
    });

    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      code: 'COMMIT_CONFLICT',
      args: { validationCode: 'MVCC_READ_CONFLICT' },
      transactionId: gateway.ledger.submitted[3],
    });
  });

  test('that one peer endorses and another refuses is proposed anew', async () => {
    const { ledger } = gateway;
    ledger.chaincode = ({ transactionId }) => {
      if (ledger.calls.length < 3) {
        throw new EndorseDiverged({ message: 'peers stand at different heights', transactionId });
      }
      return { repeated: false, result: {}, transactionId };
    };

    const answer = await gateway.send({
      path: `${TENDER}/closure`,
      as: gateway.auditor,
      body: { requestId: 'r-1' },
    });

    expect(answer.status).toBe(200);
    expect(ledger.submitted).toEqual([ledger.calls[2]?.transactionId]);
  });

  test('that the chaincode refuses is answered as a problem with code and arguments', async () => {
    gateway.ledger.chaincode = () => {
      throw new Reject('PHASE', { allowed: ['published'], current: 'closed', tenderId: 'T-1' });
    };

    const answer = await gateway.send({ path: `${TENDER}/bids`, as: gateway.vendor1, body: bid });

    expect(answer.status).toBe(409);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toEqual({
      type: 'urn:procurement:problem:phase',
      title: "The tender's state does not allow this transaction.",
      status: 409,
      detail: "The tender's state does not allow this transaction.",
      instance: `${TENDER}/bids`,
      code: 'PHASE',
      args: { allowed: ['published'], current: 'closed', tenderId: 'T-1' },
      transactionId: gateway.ledger.calls[0]?.transactionId,
    });
  });
});

describe('a malformed request', () => {
  test.each([
    ['an unknown field', { ...bid, role: 'officer' }, 'role', 'unknown'],
    [
      'a plain bid inside the envelope',
      { ...bid, envelope: { ...envelope, total: '1' } },
      'envelope.total',
      'unknown',
    ],
    ['text for a number', { ...bid, version: '1' }, 'version', 'mistyped'],
    ['a number for text', { ...bid, requestId: 7 }, 'requestId', 'mistyped'],
    ['a missing field', { ...bid, lotId: undefined }, 'lotId', 'missing'],
    [
      'a bad element of a list',
      { ...bid, envelope: { ...envelope, C: ['!'] } },
      'envelope.C[0]',
      'invalid',
    ],
  ])('with %s is refused with the path', async (_, body, path, problem) => {
    const answer = await gateway.send({ path: `${TENDER}/bids`, as: gateway.vendor1, body });

    expect(answer.status).toBe(400);
    expect(answer.body['code']).toBe('FORMAT');
    expect(answer.body['args']).toEqual({ path, problem });
    expect(gateway.ledger.calls).toEqual([]);
  });

  test('that is no JSON is refused', async () => {
    const answer = await gateway.send({ path: `${TENDER}/bids`, as: gateway.vendor1, body: '{' });

    expect(answer.status).toBe(400);
    expect(answer.body['code']).toBe('FORMAT');
  });

  test('that is larger than 256 KiB is refused', async () => {
    const body = { ...bid, requestId: 'x'.repeat(256 * 1024) };

    const answer = await gateway.send({ path: `${TENDER}/bids`, as: gateway.vendor1, body });

    expect(answer.status).toBe(413);
    expect(answer.body['code']).toBe('TOO_LARGE');
  });

  test('that is not JSON by its media type is refused', async () => {
    const answer = await gateway.send({
      path: `${TENDER}/bids`,
      as: gateway.vendor1,
      body: 'a=b',
      headers: { 'content-type': 'text/plain' },
    });

    expect(answer.status).toBe(415);
    expect(answer.body['code']).toBe('MEDIA_TYPE');
  });

  test('with an id that is none in its address is refused', async () => {
    const answer = await gateway.send({ path: '/api/v1/tenders/T%001', as: gateway.vendor1 });

    expect(answer.status).toBe(400);
    expect(answer.body['args']).toEqual({ path: 'tenderId', problem: 'invalid' });
  });

  test('whose message is made for another tender is refused', async () => {
    const shares = {
      S: [bytes(32)],
      chunk: 0,
      listHash: bytes(32),
      proof: bytes(64),
      seat: 1,
      tenderId: 'T-2',
    };

    const answer = await gateway.send({
      path: `${TENDER}/shares`,
      as: gateway.auditor,
      body: { requestId: 'r-1', shares },
    });

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'FORMAT', args: { path: 'shares.tenderId' } });
  });
});

describe('a caller', () => {
  test.each([[undefined], ['Bearer wrong'], ['Basic token-of-officer'], ['Bearer']])(
    'without a known bearer token (%s) is turned away',
    async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization };

      const answer = await gateway.send({ path: '/api/v1/me', headers });

      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.body['code']).toBe('UNAUTHENTICATED');
    },
  );

  test('is known by its token alone', async () => {
    gateway.ledger.chaincode = ({ creator }) => ({ mspId: creator.mspId });

    const answer = await gateway.send({
      path: '/api/v1/me?role=officer',
      as: gateway.vendor2,
      headers: { 'x-role': 'officer' },
    });

    expect(answer.body).toEqual({ mspId: 'VendorMSP' });
    expect(gateway.ledger.calls[0]?.creator.certificate).toBe(gateway.vendor2.certificate);
  });
});

describe('the opening', () => {
  test('is shown without the list where the ledger does not show it', async () => {
    gateway.ledger.chaincode = ({ transaction }) => {
      if (transaction === 'opening:list') {
        throw new Reject('PHASE', { allowed: ['opened'], current: 'closed', tenderId: 'T-1' });
      }
      return { tenderId: 'T-1', state: 'closed' };
    };

    const answer = await gateway.send({ path: `${TENDER}/opening`, as: gateway.vendor1 });

    expect(answer.body).toEqual({ status: { tenderId: 'T-1', state: 'closed' } });
  });
});

describe('every answer', () => {
  test('carries a request id, the one of the caller where it is harmless', async () => {
    const given = await gateway.send({
      path: '/health/live',
      headers: { 'x-request-id': 'abc-1' },
    });
    const made = await gateway.send({ path: '/health/live', headers: { 'x-request-id': 'a b' } });

    expect(given.headers['x-request-id']).toBe('abc-1');
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('forbids scripts from elsewhere', async () => {
    const answer = await gateway.send({ path: '/health/live' });

    expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test('to an address that does not exist is a problem document', async () => {
    const answer = await gateway.send({ path: '/api/v1/nothing', as: gateway.auditor });

    expect(answer.status).toBe(404);
    expect(answer.body['code']).toBe('NO_ROUTE');
  });

  test('to an unexpected failure says nothing of its cause', async () => {
    gateway.ledger.chaincode = () => {
      throw new TypeError('secret of the inside');
    };

    const answer = await gateway.send({ path: TENDER, as: gateway.auditor });

    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('health', () => {
  function chainInfo(height: number): Uint8Array {
    const info = new common.BlockchainInfo();
    info.setHeight(height);
    return info.serializeBinary();
  }

  test('is ready once the trail holds every block of the peer, and tells no height', async () => {
    gateway.ledger.addBlock(testBlock(0, []));
    gateway.ledger.chaincode = () => chainInfo(1);

    const answer = await gateway.send({ path: '/health/ready' });

    expect(answer.status).toBe(200);
    expect(answer.body['info']).toEqual({ ledger: { status: 'up' }, trail: { status: 'up' } });
  });

  test('is not ready while the ledger cannot be reached', async () => {
    gateway.ledger.chaincode = () => {
      throw new Error('unreachable');
    };

    const answer = await gateway.send({ path: '/health' });

    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ code: 'NOT_READY', args: { down: ['ledger', 'trail'] } });
  });
});

describe('the docs', () => {
  test('hold every route with its schemas and the bearer scheme', async () => {
    const { body } = await gateway.send({ path: '/openapi.json' });

    const paths = Object.keys(body['paths'] as object);
    expect(paths).toContain('/api/v1/tenders/{tenderId}/bids');
    expect(paths).toHaveLength(36);
    expect(JSON.stringify(body)).toContain('"bearer"');
    expect(JSON.stringify(body)).toContain('application/problem+json');
  });

  test('are a page whose scripts come from the gateway itself', async () => {
    const page = await gateway.send({ path: '/docs' });
    const script = await gateway.send({ path: '/docs/swagger-ui-bundle.js' });

    expect(page.status).toBe(200);
    expect(String(page.body['text'])).not.toMatch(/<script[^>]+src="https?:/);
    expect(script.status).toBe(200);
  });
});
