/** `npm run render`: a Compose file or Kubernetes manifests from a topology. */
import { endWith } from '../command/command-line';
import { TopologyError } from '../topology';
import { runRender } from './command';

runRender(process.argv.slice(2)).then(
  (paths) => {
    for (const path of paths) process.stdout.write(`${path}\n`);
  },
  (error: unknown) => {
    endWith(error, [TopologyError]);
  },
);
