import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readCommandLine, UsageError } from '../command/command-line';
import { readTopology } from '../topology-file/read-topology';
import { topology as procurement } from '../topologies/procurement';
import { planDeployment } from './deployment';
import { renderFiles, targets } from './render';

/** Version of the official images where none is asked for. */
const defaultFabric = '3.1.5';

/** How the program is called. */
export const usage = `npm run render -- compose|kubernetes --out DIR …

  --out DIR        where the files are written
  --topology FILE  .json, or .js that exports \`topology\` (default: the procurement network)
  --fabric VERSION exact version of the official images (default: ${defaultFabric})
  --bft            SmartBFT in place of Raft, with the topology's bftOrderers`;

/**
 * Renders a topology into files. @returns the paths that were written
 * @throws UsageError, TopologyError
 */
export async function runRender(args: readonly string[]): Promise<readonly string[]> {
  const { values, positionals } = readCommandLine(args, {
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      topology: { type: 'string' },
      fabric: { type: 'string' },
      bft: { type: 'boolean' },
    },
    usage,
  });
  const words = positionals.join(' ');
  const target = targets.find((one) => one === words);
  if (!target) throw new UsageError(`Nothing is rendered for "${words}".\n\n${usage}`);
  if (values.out === undefined) throw new UsageError(`--out is missing.\n\n${usage}`);
  const deployment = planDeployment({
    topology: values.topology === undefined ? procurement : await readTopology(values.topology),
    fabricVersion: values.fabric ?? defaultFabric,
    consensus: values.bft === true ? 'bft' : 'raft',
  });
  const folder = resolve(values.out);
  const files = renderFiles(deployment, target);
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return files.map(({ path }) => join(folder, path));
}
