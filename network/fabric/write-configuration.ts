import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Compat } from '../topology';
import { configtxDocument, plannedChannels } from './configtx';
import type { MaterialPaths } from './configtx';
import { coreDocument, defaultExecuteTimeout } from './core-yaml';
import type { NetworkPlan, PlannedNode } from './network-plan';
import { defaultTimeWindow } from './node-place';
import type { NodeFolders, NodePlace } from './node-place';
import { ordererDocument } from './orderer-yaml';

/** Where everything of a native network lies. */
export interface NativePaths extends MaterialPaths {
  /** Folder of `configtx.yaml`. */
  readonly configtxFolder: string;
  /** Folder of a node's `core.yaml` or `orderer.yaml`: its FABRIC_CFG_PATH. */
  configurationFolder(node: PlannedNode): string;
  nodeFolders(node: PlannedNode): NodeFolders;
}

/** What an operator may choose about the nodes. */
export interface NodeChoices {
  /** Most that the time of a request may be off, as Go writes a duration. Default: 60s. */
  readonly timeWindow?: string;
  /** Longest that a chaincode may take for one call, likewise. Default: 10s. */
  readonly executeTimeout?: string;
}

const loopback = '127.0.0.1';

/**
 * Writes `configtx.yaml` and the configuration of each node, all on the loopback address. What is
 * written follows from the arguments alone, so writing again changes nothing.
 */
export async function writeConfiguration(parts: {
  plan: NetworkPlan;
  paths: NativePaths;
  /** Generation of the binaries. */
  fabric: Compat;
  /** Folder of the `ccaas` builder. */
  builderFolder: string;
  choices?: NodeChoices;
}): Promise<void> {
  const { plan, paths, fabric, builderFolder, choices = {} } = parts;
  const { timeWindow = defaultTimeWindow, executeTimeout = defaultExecuteTimeout } = choices;
  const place = (node: PlannedNode): NodePlace => ({
    node,
    folders: paths.nodeFolders(node),
    fabric,
    bindHost: loopback,
    advertisedHost: 'localhost',
    timeWindow,
    metrics: true,
  });
  const channels = plannedChannels(plan);
  const configtx = configtxDocument({ plan, channels, paths });
  await writeYaml(join(paths.configtxFolder, 'configtx.yaml'), configtx);
  for (const peer of plan.peers) {
    const document = coreDocument({ ...place(peer), builderFolder, executeTimeout });
    await writeYaml(join(paths.configurationFolder(peer), 'core.yaml'), document);
  }
  const clusterRootCas = plan.orderers.map((node) => join(paths.nodeFolders(node).tls, 'ca.crt'));
  for (const orderer of plan.orderers) {
    const document = ordererDocument({ ...place(orderer), clusterRootCas });
    await writeYaml(join(paths.configurationFolder(orderer), 'orderer.yaml'), document);
  }
}

async function writeYaml(path: string, document: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, stringify(document, { aliasDuplicateObjects: false }));
}
