import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readCommandLine, UsageError } from '../command/command-line';
import { readTopology } from '../topology-file/read-topology';
import { topology as procurement } from '../topologies/procurement';
import type { Topology } from '../topology';
import { packageChaincodes } from './chaincode-packages';
import { planDeployment } from './deployment';
import { renderFiles, targets } from './render';
import type { Target } from './render';

/** Version of the official images where none is asked for. */
const defaultFabric = '3.1.5';

/** How the program is called. */
export const usage = `npm run render -- compose|kubernetes --out DIR …
npm run render -- package --msp-id ID --organizations DIR --out DIR …

  compose, kubernetes  the files of the whole network, without a key
    --fabric VERSION   exact version of the official images (default: ${defaultFabric})
    --bft              SmartBFT in place of Raft, with the topology's bftOrderers
  package              the packages of one organization's chaincodes, and their package ids
    --msp-id ID        the organization
    --organizations DIR
                       the folder with its keys, of which the packages hold those for chaincodes
    --version V        the chaincodes' version (default: that of the topology)

  --out DIR            where the files are written
  --topology FILE      .json, or .js that exports \`topology\` (default: the procurement network)`;

/**
 * Renders a topology into files, or packages its chaincodes.
 * @returns lines for the person who called: the paths that were written, and package ids
 * @throws UsageError, TopologyError, CryptoStoreError or ChaincodePackageError
 */
export async function runRender(args: readonly string[]): Promise<readonly string[]> {
  const text = { type: 'string' } as const;
  const { values, positionals } = readCommandLine(args, {
    allowPositionals: true,
    options: {
      ...{ out: text, topology: text, fabric: text },
      ...{ 'msp-id': text, organizations: text, version: text },
      bft: { type: 'boolean' },
    },
    usage,
  });
  const words = positionals.join(' ');
  const target = targets.find((one) => one === words);
  if (!target && words !== 'package') {
    throw new UsageError(`Nothing is rendered for "${words}".\n\n${usage}`);
  }
  const { topology: file, version } = values;
  const topology = file === undefined ? procurement : await readTopology(file);
  const folder = resolve(need('out', values.out));
  if (target) return render(target, { ...values, topology, folder });
  const packages = await packageChaincodes({
    ...{ topology, out: folder, mspId: need('msp-id', values['msp-id']) },
    organizations: resolve(need('organizations', values.organizations)),
    ...(version !== undefined && { version }),
  });
  return packages.flatMap(({ path, id, variable }) => [
    path,
    `package id: ${id}`,
    `${variable}=${id}`,
  ]);
}

interface Rendering {
  readonly topology: Topology;
  readonly folder: string;
  readonly fabric?: string | undefined;
  readonly bft?: boolean | undefined;
}

async function render(target: Target, asked: Rendering): Promise<string[]> {
  const { topology, folder, fabric = defaultFabric, bft = false } = asked;
  const consensus = bft ? 'bft' : 'raft';
  const files = renderFiles(planDeployment({ topology, fabricVersion: fabric, consensus }), target);
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return files.map(({ path }) => join(folder, path));
}

function need(option: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`--${option} is missing\n\n${usage}`);
  return value;
}
