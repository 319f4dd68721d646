import { join } from 'node:path';
import { ready } from '@procurement/sealed';
import { newNarrator } from './narrator';
import { connectPeople } from './people';
import { demonstrate } from './procedure';

const biddingMs = 6_000;
const graceMs = 1_000;

/**
 * Runs a new demonstration tender on a running system.
 * @returns the tender's id
 */
export async function runDemonstration(options: {
  readonly dataFolder: string;
  readonly baseUrl: string;
}): Promise<string> {
  await ready();
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
  const tenderId = `bridge-${stamp}`;
  await demonstrate({
    tenderId,
    people: connectPeople(options),
    narrator: newNarrator(process.stdout),
    officersFolder: join(options.dataFolder, 'officers'),
    biddingMs,
    graceMs,
  });
  return tenderId;
}
