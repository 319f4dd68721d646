/** `npm run render`: Compose, Kubernetes and chaincode packages from a topology. */
import { CryptoStoreError } from '../certificates/crypto-files';
import { endWith } from '../command/command-line';
import { ChaincodePackageError } from '../lifecycle/chaincode-package';
import { TopologyError } from '../topology';
import { runRender } from './command';

runRender(process.argv.slice(2)).then(
  (lines) => {
    for (const line of lines) process.stdout.write(`${line}\n`);
  },
  (error: unknown) => {
    endWith(error, [TopologyError, CryptoStoreError, ChaincodePackageError]);
  },
);
