import { status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { RpcError, toServiceError } from './rpc-error';

const trailersMaxBytes = 64 * 1024;

test.each(['x', '€', '𝒳', '\ud83d'])('a text of a hundred thousand "%s" can be sent', (letter) => {
  const text = letter.repeat(100_000);
  const detail = { address: 'peer0:7051', mspId: 'MinistryMSP', message: text };
  const error = toServiceError(new RpcError(status.ABORTED, text, [detail]));
  const rich = (error.metadata.get('grpc-status-details-bin')[0] ?? '').toString('base64');
  expect(encodeURI(error.details).length + rich.length).toBeLessThan(trailersMaxBytes);
  expect(error.details.length).toBeGreaterThan(2000);
  expect(error.code).toBe(status.ABORTED);
});

test('a short text is sent as it is', () => {
  expect(toServiceError(new RpcError(status.ABORTED, 'no such key "ключ"')).details).toBe(
    'no such key "ключ"',
  );
});
