/** `npm run render`: a Compose file or Kubernetes manifests from a topology. */
import { tell, UsageError } from '../command/command-line';
import { TopologyError } from '../topology';
import { runRender } from './command';

runRender(process.argv.slice(2)).then(
  (paths) => {
    for (const path of paths) process.stdout.write(`${path}\n`);
  },
  (error: unknown) => {
    if (error instanceof UsageError) return tell(error);
    const text = error instanceof TopologyError ? error.message : String(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  },
);
