import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Topology } from '@procurement/network';
import { startChild, type Child } from './child';
import { projectRoot } from './project-root';

const networkProgram = join(projectRoot, 'network', 'dist', 'embedded', 'src', 'main.js');

/**
 * Starts an embedded network in a process of its own, from a topology.
 * @param folder of the whole system; the network keeps its data in `network` below it
 * @throws ChildFailed with one sentence where it cannot start
 */
export async function startNetwork(folder: string, topology: Topology): Promise<Child> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const topologyFile = join(folder, 'topology.json');
  await writeFile(topologyFile, `${JSON.stringify(topology, undefined, 2)}\n`);
  return startChild({
    name: 'network',
    file: networkProgram,
    args: ['--topology', topologyFile, '--folder', join(folder, 'network')],
  });
}
