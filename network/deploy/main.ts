/** `npm run render`: a Compose file or Kubernetes manifests from a topology. */
import { TopologyError } from '../topology';
import { RenderUsageError, runRender } from './command';

runRender(process.argv.slice(2)).then(
  (paths) => {
    for (const path of paths) process.stdout.write(`${path}\n`);
  },
  (error: unknown) => {
    const isForPeople = error instanceof RenderUsageError || error instanceof TopologyError;
    process.stderr.write(`${isForPeople ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
