import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Topology } from '@procurement/network';
import { startChild, type Child } from './child';
import type { LogFile } from './log-file';
import { projectRoot } from './project-root';

const networkProgram = join(projectRoot, 'network', 'dist', 'program', 'network.js');

/** Where a system in this folder keeps its network. */
export function networkFolderOf(folder: string): string {
  return join(folder, 'network');
}

/**
 * Starts an embedded network in a process of its own, from a topology.
 * @param options.folder of the whole system; the network keeps its data in `network` below it
 * @param options.log takes what the process prints
 */
export async function startNetwork(options: {
  readonly folder: string;
  readonly topology: Topology;
  readonly log?: LogFile;
}): Promise<Child> {
  const { folder, topology, log } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const topologyFile = join(folder, 'topology.json');
  await writeFile(topologyFile, `${JSON.stringify(topology, undefined, 2)}\n`);
  return startChild({
    name: 'network',
    file: networkProgram,
    args: [
      ...['--topology', topologyFile],
      ...['--folder', networkFolderOf(folder)],
      ...['--port-setting', 'PROCUREMENT_NETWORK_PORT'],
    ],
    ...(log && { log }),
  });
}
