import { NotFoundException } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { Reject, REJECT_CODES, REJECTS } from '@procurement/protocol';
import {
  BlocksInterrupted,
  commitError,
  EndorseRefused,
  EvaluateRefused,
  LedgerStageError,
  LedgerUnreachable,
  StatusUnknown,
  SubmitRefused,
  SubmitUnknown,
} from '../ledger/stage-errors';
import { problemOf } from './problem';

const PATH = '/api/v1/tenders';
const facts = { message: 'inner words', transactionId: 'ab'.repeat(32), grpcCode: 14 };

describe('a refusal of the ledger', () => {
  test.each(REJECT_CODES)('%s has its status, sentence and arguments', (code) => {
    const args = { id: 'T-1' };
    const message = `chaincode response 500, ${new Reject(code, args).message}`;
    const details = [{ address: 'localhost:7051', mspId: 'AuditorMSP', message }];
    const problem = problemOf(new EndorseRefused({ ...facts, details }), PATH);

    expect(problem).toEqual({
      type: `urn:procurement:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: REJECTS[code].sentence,
      status: REJECTS[code].status,
      detail: REJECTS[code].sentence,
      instance: PATH,
      code,
      args,
      transactionId: facts.transactionId,
    });
  });
});

describe('a failure of the network', () => {
  const commit = { ...facts, blockNumber: 3n };
  test.each<[LedgerStageError, number, string]>([
    [new LedgerUnreachable(facts), 503, 'LEDGER_UNREACHABLE'],
    [new EndorseRefused(facts), 502, 'ENDORSE_REFUSED'],
    [new EvaluateRefused(facts), 502, 'EVALUATE_REFUSED'],
    [new SubmitRefused(facts), 502, 'SUBMIT_REFUSED'],
    [new SubmitUnknown(facts), 504, 'SUBMIT_UNKNOWN'],
    [new StatusUnknown(facts), 504, 'STATUS_UNKNOWN'],
    [commitError({ ...commit, validationCode: 11 }), 409, 'COMMIT_CONFLICT'],
    [commitError({ ...commit, validationCode: 12 }), 409, 'COMMIT_CONFLICT'],
    [commitError({ ...commit, validationCode: 10 }), 502, 'COMMIT_INVALID'],
    [new BlocksInterrupted(facts), 500, 'INTERNAL'],
  ])('%s has its status and code, and not the words of the network', (error, status, code) => {
    const problem = problemOf(error, PATH);
    const isQuery = error instanceof EvaluateRefused;
    expect(problem).toMatchObject({ status, code });
    expect(problem.transactionId).toBe(isQuery ? undefined : facts.transactionId);
    expect(JSON.stringify(problem)).not.toContain('inner words');
  });
});

test('a refusal of the gateway itself keeps its status', () => {
  expect(problemOf(new NotFoundException(), PATH)).toMatchObject({ status: 404, code: 'NO_ROUTE' });
});

test.each([[new TypeError('inner words')], ['inner words'], [undefined]])(
  'anything else (%s) is a failure of which nothing is told',
  (thrown) => {
    const problem = problemOf(thrown, PATH);
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', args: {} });
    expect(JSON.stringify(problem)).not.toContain('inner words');
  },
);
