import { type ProcurementApi, SignedApi } from '@procurement/client';
import { AUDITOR } from './cast';
import { settlePeople, signerOf, type SystemPlace } from './key-folders';
import { pinnedRoots } from './roots';
import { bidders } from './scenario';
import type { People } from './procedure';

/** Holders of seats 1 to 5. */
export const SEAT_HOLDERS: readonly string[] = [
  'ministry-seat-1',
  'ministry-seat-2',
  'auditor-seat-1',
  'auditor-seat-2',
  'association-seat-1',
];
const OFFICER = 'tashi';

/**
 * Connections of the demonstration's people to a running gateway. Whoever has no key yet makes one.
 * @throws {KeyMissing} where the folder is not the running system's
 */
export async function connectPeople(place: SystemPlace): Promise<People> {
  await settlePeople(place);
  const { dataFolder, networkFolder, baseUrl } = place;
  const roots = pinnedRoots(networkFolder);
  return peopleBy(
    async (name) => new SignedApi({ baseUrl, roots, signer: await signerOf(dataFolder, name) }),
  );
}

/**
 * The auditor at the gateway of a second organisation: whoever seals holds what the first one says
 * against it. Where there is one gateway only, the auditor's answers through it are all there is.
 */
export async function connectWitness(
  options: SystemPlace & { readonly second: () => Promise<string | undefined> },
): Promise<ProcurementApi> {
  const baseUrl = (await options.second()) ?? options.baseUrl;
  const signer = await signerOf(options.dataFolder, AUDITOR);
  return new SignedApi({ baseUrl, roots: pinnedRoots(options.networkFolder), signer });
}

/** The demonstration's people, each connected by name. */
export async function peopleBy(
  connect: (name: string) => Promise<ProcurementApi>,
): Promise<People> {
  const vendors = bidders.map(async ({ person }) => [person, await connect(person)] as const);
  return {
    officer: await connect(OFFICER),
    auditor: await connect(AUDITOR),
    seats: await Promise.all(SEAT_HOLDERS.map(connect)),
    vendors: new Map(await Promise.all(vendors)),
  };
}
