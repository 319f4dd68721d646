import { ready } from '@procurement/sealed';
import { newNarrator } from './narrator';
import type { ProcurementApi } from '@procurement/client';
import { openingKeysOf, type SystemPlace } from './key-folders';
import { connectPeople, connectWitness, SEAT_HOLDERS } from './people';
import { demonstrate, TooSlow } from './procedure';

/** From the draft to the deadline; on two cores that are free, bids are in after two seconds. */
const firstBiddingMs = 8_000;
const graceMs = 1_000;
/** Runs in all, each with twice the time of the one before. */
const runsMax = 3;

/**
 * Runs a new demonstration tender on a running system. Where the machine is so slow that the
 * deadline came before the bids, it says so and runs another with twice the time, twice at most.
 * @returns the tender's id
 * @throws {TooSlow} where that did not help either
 * @throws {KeyMissing} where the folder is not the running system's
 */
export async function runDemonstration(
  options: SystemPlace & {
    /** Address of a second organisation's gateway, if there is one, asked for when it is needed. */
    readonly second: () => Promise<string | undefined>;
  },
): Promise<string> {
  await ready();
  const people = await connectPeople(options);
  const narrator = newNarrator(process.stdout);
  const openingKeys = openingKeysOf(options.dataFolder, SEAT_HOLDERS);
  for (let run = 1, biddingMs = firstBiddingMs; ; run += 1, biddingMs *= 2) {
    const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
    const tenderId = `bridge-${stamp}`;
    const timing = { biddingMs, graceMs };
    try {
      const witness = (): Promise<ProcurementApi> => connectWitness(options);
      await demonstrate({ tenderId, people, witness, narrator, openingKeys, ...timing });
      return tenderId;
    } catch (error) {
      if (!(error instanceof TooSlow) || run === runsMax) throw error;
      narrator.tell(`${error.message} Another tender, with ${(2 * biddingMs) / 1000} s, follows.`);
    }
  }
}
