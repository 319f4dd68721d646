import { afterAll, beforeAll } from '@jest/globals';
import { OwnTestNetwork } from './test-network';
import type { TestNetwork, TestNetworkOptions } from './test-network';

/** Starting takes a few seconds, most of them for the chaincode processes. */
const startLimitMs = 60_000;

/**
 * A network for the tests of a Jest file, or of the `describe` that calls this: started before the
 * first of them, ended with its chaincode processes and its folder after the last, whether they
 * pass or not, and also when the test process is killed. Use it inside tests and hooks only.
 */
export function useTestNetwork(options: TestNetworkOptions): TestNetwork {
  const network = new OwnTestNetwork(options);
  beforeAll(() => network.start(), startLimitMs);
  afterAll(() => network.close(), startLimitMs);
  return network;
}
