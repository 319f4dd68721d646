import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chaincodeArguments } from '../chaincode-service/chaincode-process';
import type { ChaincodeServerTls } from '../certificates/chaincode-tls';
import { startDaemon } from './daemon';
import type { NativeFolder } from './native-folder';
import { accepts, awaitDaemon } from './readiness';
import type { AwaitedDaemon } from './readiness';

/** A chaincode process of one organization, with all that is needed to start it again. */
export interface NativeService {
  readonly channel: string;
  readonly name: string;
  readonly mspId: string;
  /** `name_version`. */
  readonly label: string;
  readonly packageId: string;
  readonly port: number;
  readonly tls: ChaincodeServerTls;
  /** The chaincode package: a folder with `package.json` and the module it names. */
  readonly packageFolder: string;
  /** Variables that the chaincode reads. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the process of a service where it does not run, and waits until it listens. */
export async function startService(folder: NativeFolder, service: NativeService): Promise<void> {
  const { packageFolder, packageId, port, mspId, tls } = service;
  const daemon = serviceDaemon(folder, service);
  await startDaemon({
    ...daemon,
    command: process.execPath,
    args: chaincodeArguments({ folder: packageFolder, packageId, port, mspId, tls }),
    environment: {
      PATH: process.env['PATH'] ?? '',
      CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR',
      ...service.environment,
      CORE_PEER_LOCALMSPID: mspId,
    },
    workingFolder: packageFolder,
  });
  await awaitDaemon(daemon, 'it listened', () => accepts(port));
}

/** How the process of a service is kept. */
export function serviceDaemon(
  folder: NativeFolder,
  service: Pick<NativeService, 'label' | 'mspId'>,
): AwaitedDaemon {
  return folder.daemon(`chaincode-${service.label}-${service.mspId}`);
}

/** The services that the network's channels use now. */
export async function servicesOf(folder: NativeFolder): Promise<readonly NativeService[]> {
  const names = await readdir(recordsFolder(folder)).catch((): string[] => []);
  return Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map(async (name) => {
        const text = await readFile(join(recordsFolder(folder), name), 'utf8');
        return JSON.parse(text) as NativeService;
      }),
  );
}

/** Notes that a channel uses this service now, in the place of the one before. */
export async function keepService(folder: NativeFolder, service: NativeService): Promise<void> {
  const { channel, name, mspId } = service;
  const file = join(recordsFolder(folder), `${channel}.${name}.${mspId}.json`);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(service, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

function recordsFolder(folder: NativeFolder): string {
  return join(folder.path, 'chaincodes');
}
