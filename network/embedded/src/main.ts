import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readTopology } from '../../topology-file/read-topology';
import { startEmbeddedNetwork } from './network';
import type { EmbeddedNetwork } from './network';
import { textOf } from '../../machine/text-of';
import type { Log } from './seams';

/** What the process tells its parent over IPC. */
export type NetworkProcessMessage =
  | {
      readonly type: 'ready';
      readonly channel: string;
      readonly ordererPort: number;
      /** By MSP id. */
      readonly peerPorts: Readonly<Record<string, number>>;
      /** Paths of the connection profiles, by MSP id. */
      readonly profiles: Readonly<Record<string, string>>;
      readonly walletFolder: string;
    }
  | {
      readonly type: 'failed';
      /** Such as PORT_IN_USE or FOLDER_IN_USE; the name of the error where it has no code. */
      readonly code: string;
      /** One sentence that says what is wrong, and one what to do. */
      readonly message: string;
    };

/** How long closing may take before the process ends anyway. */
const closeLimitMs = 8000;

const usage =
  'usage: main.js --topology FILE(.json, or a .js that exports `topology`) --folder DIR ' +
  '[--port-setting NAME] [--execute-timeout-ms N]';

async function main(): Promise<void> {
  const settings = readSettings();
  const network = await startEmbeddedNetwork({
    topology: await readTopology(settings.topology),
    folder: resolve(settings.folder),
    ...(settings.portSetting !== undefined && { portSetting: settings.portSetting }),
    ...(settings.executeTimeoutMs !== undefined && {
      executeTimeoutMs: Number(settings.executeTimeoutMs),
    }),
    log: processLog,
    onFailure: (error) => {
      fail(error);
    },
  });
  endWithParent(network);
  tellParent(readyMessage(network));
}

interface Settings {
  readonly topology: string;
  readonly folder: string;
  readonly portSetting: string | undefined;
  readonly executeTimeoutMs: string | undefined;
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      topology: { type: 'string' },
      folder: { type: 'string' },
      'port-setting': { type: 'string' },
      'execute-timeout-ms': { type: 'string' },
    },
  });
  if (values.topology === undefined || values.folder === undefined) throw new Error(usage);
  const { topology, folder } = values;
  return {
    topology,
    folder,
    portSetting: values['port-setting'],
    executeTimeoutMs: values['execute-timeout-ms'],
  };
}

function readyMessage(network: EmbeddedNetwork): NetworkProcessMessage {
  const { endpoints, profiles, walletFolder, topology } = network;
  const peers = [...endpoints.peers].map(([mspId, { port }]) => [mspId, port] as const);
  return {
    type: 'ready',
    channel: topology.channel,
    ordererPort: endpoints.orderer.port,
    peerPorts: Object.fromEntries(peers),
    profiles: Object.fromEntries(profiles),
    walletFolder,
  };
}

function endWithParent(network: EmbeddedNetwork): void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), closeLimitMs).unref();
    void network.close().then(() => process.exit(0));
  };
  process.on('disconnect', end);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // The parent may have gone while the network started.
  if (process.send && !process.connected) end();
}

function tellParent(message: NetworkProcessMessage): void {
  if (process.connected) process.send?.(message);
}

function fail(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : nameOf(error);
  const message = textOf(error);
  processLog.warn(message);
  process.exitCode = 1;
  if (!process.connected || !process.send) process.exit(1);
  const failed: NetworkProcessMessage = { type: 'failed', code, message };
  process.send(failed, undefined, undefined, () => process.exit(1));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

const processLog: Log = {
  info: () => undefined,
  warn: (text) => {
    process.stderr.write(`network: ${text}\n`);
  },
};

main().catch(fail);
