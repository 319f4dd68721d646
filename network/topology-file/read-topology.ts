import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { TopologyError } from '../topology';
import type { Topology } from '../topology';
import { textOf } from '../machine/text-of';
import { checkTopology } from './check-topology';

/**
 * Reads a topology from a JSON file, or from a `.js` file that exports `topology`.
 * @throws TopologyError when the file cannot be read or does not hold together
 */
export async function readTopology(file: string): Promise<Topology> {
  return checkTopology(await contentOf(resolve(file)));
}

async function contentOf(path: string): Promise<unknown> {
  try {
    if (extname(path) === '.json') return JSON.parse(await readFile(path, 'utf8'));
    return (createRequire(__filename)(path) as { topology?: unknown }).topology;
  } catch (error) {
    const text = `the topology file ${path} cannot be read: ${textOf(error)}`;
    throw new TopologyError(text, { cause: error });
  }
}
