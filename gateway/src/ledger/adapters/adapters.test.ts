import { describe, expect, test } from '@jest/globals';
import { SdkMissing, loadSdk } from './fabric-network/sdk';
import { failureFacts, isDivergence, isRefusal, refusals } from './fabric-network/failures';
import type { PeerAnswers, PeerError, PeerResponse } from './fabric-network/sdk';

function response(status: number, message = ''): PeerResponse {
  return {
    connection: { name: 'peer0', url: 'grpcs://localhost:7051' },
    response: { status, message, payload: Buffer.from('') },
    payload: Buffer.from(''),
    endorsement: status < 400 ? { endorser: Buffer.from('e'), signature: Buffer.from('s') } : null,
  };
}

function failed(message: string, more: Partial<PeerError> = {}): PeerError {
  return Object.assign(new Error(message), more);
}

describe('the optional packages of fabric-network', () => {
  test('are asked for by name where they are not installed', () => {
    const missing = (): never => {
      throw new Error('Cannot find module');
    };
    expect(() => loadSdk(missing)).toThrow(SdkMissing);
    expect(() => loadSdk(missing)).toThrow(/fabric-network@2\.2\.20.*PROCUREMENT_LEDGER_ADAPTER/);
  });
});

describe('the answers of peers', () => {
  const answers = (errors: PeerError[], responses: PeerResponse[]): PeerAnswers => ({
    errors,
    responses,
  });

  test('that all endorse hold no refusal', () => {
    expect(refusals(answers([], [response(200), response(200)]))).toEqual([]);
  });

  test('are a refusal where the chaincode said so, with its words and the peer', () => {
    const refused = refusals(answers([], [response(500, 'REJECT x')]));
    expect(isRefusal(refused)).toBe(true);
    expect(failureFacts(refused, 'tx')).toMatchObject({
      message: 'chaincode response 500, REJECT x',
      transactionId: 'tx',
      details: [{ address: 'grpcs://localhost:7051', message: 'chaincode response 500, REJECT x' }],
    });
  });

  test('inside the summary of a failed layout are taken out of it', () => {
    const inner = failed('2 UNKNOWN: access denied', { code: 2 });
    const summary = failed('Endorsement has failed', { endorsements: [inner, response(200)] });
    const refused = refusals(answers([summary], []));
    expect(refused).toEqual([inner]);
    expect(isRefusal(refused)).toBe(true);
  });

  test('that never came are no refusal', () => {
    const refused = refusals(answers([failed('14 UNAVAILABLE', { code: 14 })], []));
    expect(isRefusal(refused)).toBe(false);
    expect(failureFacts(refused).grpcCode).toBe(14);
  });

  test.each([
    ['one endorsed and one refused', answers([], [response(200), response(500)]), true],
    ['their results differ', answers([failed('Peer endorsements do not match')], []), true],
    ['all refused', answers([], [response(500), response(500)]), false],
  ])('diverge where %s', (_, given, diverged) => {
    expect(isDivergence(given)).toBe(diverged);
  });
});
