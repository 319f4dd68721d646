import {
  startChaincodeProcess,
  type ChaincodeProcess,
  type ChaincodeProcessOptions,
} from '@procurement/network';
import type { Part } from './part';

const restartAfterMs = 500;

/**
 * Keeps a chaincode process running: one that ends is started again, since a peer dials a chaincode
 * that is gone at its next call.
 */
export function superviseChaincode(options: ChaincodeProcessOptions): Part {
  let current = startChaincodeProcess(options);
  let isStopping = false;
  const watch = (process: ChaincodeProcess): void => {
    void process.exited.then(() => {
      if (isStopping) return;
      setTimeout(() => {
        if (isStopping) return;
        current = startChaincodeProcess(options);
        watch(current);
      }, restartAfterMs);
    });
  };
  watch(current);
  return {
    name: `chaincode of ${options.mspId}`,
    get pid() {
      return current.pid;
    },
    stop: async () => {
      isStopping = true;
      await current.stop();
    },
  };
}
