import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PinnedRoots } from '@procurement/client';
import { topology } from '@procurement/network/topologies/procurement';

/** The folder of the running system lacks somebody's key, or an organisation's root. */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing';

  /** @param path what is not there */
  constructor(path: string, options?: ErrorOptions) {
    super(
      `There is no ${path}. Set PROCUREMENT_DATA to the folder of the running system.`,
      options,
    );
  }
}

/**
 * The roots that the demonstration's people pin: each organisation's CA certificates.
 * @throws {KeyMissing} where the folder is another one
 */
export function pinnedRoots(networkFolder: string): PinnedRoots {
  const organizations = join(networkFolder, 'organizations', 'peerOrganizations');
  return Object.fromEntries(
    topology.organizations.map(({ mspId, domain }) => {
      const folder = join(organizations, domain, 'msp', 'cacerts');
      return [mspId, certificatesIn(folder)];
    }),
  );
}

/**
 * Writes the roots for whoever uses the command line: `<MSP id>.pem` in a folder of their own.
 * @returns the folder
 */
export function writeRoots(networkFolder: string, dataFolder: string): string {
  const folder = join(dataFolder, 'roots');
  mkdirSync(folder, { recursive: true });
  for (const [mspId, [root = '']] of Object.entries(pinnedRoots(networkFolder))) {
    writeFileSync(join(folder, `${mspId}.pem`), root);
  }
  return folder;
}

function certificatesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  } catch (error) {
    throw new KeyMissing(folder, { cause: error });
  }
}
