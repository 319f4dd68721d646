import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { GatewayError } from '@hyperledger/fabric-gateway';
import {
  EndorseDiverged,
  EndorseRefused,
  EvaluateRefused,
  LedgerUnreachable,
} from '../stage-errors';
import { endorseError, evaluateError } from './gateway-failures';

const proposal = {
  transactionId: 'tx',
  creator: { mspId: 'MinistryMSP', certificate: '' },
};

function failure(code: status, ...saidBy: readonly string[]): GatewayError {
  const metadata = new Metadata();
  const cause = Object.assign(new Error('said'), { code, details: 'said', metadata });
  const details = saidBy.map((mspId) => ({ address: 'peer0:7051', mspId, message: 'no' }));
  return new GatewayError({ code, details, cause, message: 'said' });
}

describe('a failed endorsement', () => {
  test.each([
    ['nothing listens at the address of the peer', failure(status.UNAVAILABLE), LedgerUnreachable],
    ['the peer does not answer in time', failure(status.DEADLINE_EXCEEDED), LedgerUnreachable],
    [
      'too few peers are alive for the policy',
      failure(status.FAILED_PRECONDITION),
      LedgerUnreachable,
    ],
    ['the own peer says no', failure(status.ABORTED, 'MinistryMSP'), EndorseRefused],
    [
      'the own peer says no under the code of missing peers',
      failure(status.FAILED_PRECONDITION, 'MinistryMSP'),
      EndorseRefused,
    ],
    [
      'another peer says no to what the own one endorsed',
      failure(status.ABORTED, 'AuditorMSP'),
      EndorseDiverged,
    ],
  ])('where %s', (_, thrown, expected) => {
    const error = endorseError(thrown, proposal);
    expect(error.constructor).toBe(expected);
    expect(error).toMatchObject({ transactionId: 'tx', grpcCode: thrown.code });
  });
});

describe('a failed query', () => {
  test.each([
    ['no peer runs the chaincode', failure(status.FAILED_PRECONDITION), LedgerUnreachable],
    ['a peer says no', failure(status.FAILED_PRECONDITION, 'MinistryMSP'), EvaluateRefused],
    ['the chaincode says no', failure(status.UNKNOWN, 'MinistryMSP'), EvaluateRefused],
  ])('where %s', (_, thrown, expected) => {
    expect(evaluateError(thrown, 'tx').constructor).toBe(expected);
  });
});
