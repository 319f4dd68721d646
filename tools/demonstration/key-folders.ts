/**
 * The key folders of the demonstration's people. Each makes the key there, and has it certified by
 * the CA of the own organisation over Fabric CA's REST interface: the CA sees a request for a
 * certificate, and never a key.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaClient, type OpeningKey, type PinnedRoots, type Signer } from '@procurement/client';
import { caTransport } from '@procurement/client/ca-transport';
import { KeyFolder, Lock } from '@procurement/client/key-folder';
import { keepOpeningKey, recallOpeningKey } from '@procurement/client/opening-keys';
import { CertificateOffice } from '@procurement/network/identity-source/certificate-office';
import { startFabricCaServer } from '@procurement/network/identity-source/fabric-ca-server';
import { IdentitySourceError } from '@procurement/network/identity-source/identity-source';
import { topology } from '@procurement/network/topologies/procurement';
import { PEOPLE, type Person, personFolder } from './cast';
import { KeyMissing, pinnedRoots } from './roots';

/** Where a running system keeps its things. */
export interface SystemPlace {
  /** Folder of everything; the people's folders are in it, beside those of network and gateways. */
  readonly dataFolder: string;
  /** Of the network that the system runs on. */
  readonly networkFolder: string;
  /** Address of the gateway that people use. */
  readonly baseUrl: string;
}

const PASSPHRASE = 'passphrase';
const SECRET = 'enrolment-secret';
const OWNER_ONLY = { file: 0o600, folder: 0o700 } as const;
const SECRET_LENGTH = 32;
/** The passphrase lies beside the key here, so a costly derivation would guard nothing. */
const COST = { N: 1024, r: 8, p: 1 } as const;

/**
 * Gives everyone who has none a key folder with a key and its certificate; the organisations
 * register their people for it. Again is the same.
 * @throws {KeyMissing} where the folder is not the running system's
 */
export async function settlePeople(place: SystemPlace): Promise<void> {
  const missing = PEOPLE.filter(({ name }) => !isSettled(place, name));
  if (missing.length === 0) return;
  const roots = pinnedRoots(place.networkFolder);
  await Promise.all(
    topology.organizations.map(async ({ mspId, domain }) => {
      const own = missing.filter((person) => person.mspId === mspId);
      if (own.length > 0) await enrolAll(own, { ...place, roots, domain });
    }),
  );
}

function isSettled({ dataFolder }: Pick<SystemPlace, 'dataFolder'>, name: string): boolean {
  const folder = personFolder(dataFolder, name);
  // The secret is removed when the certificate is there.
  return existsSync(join(folder, PASSPHRASE)) && !existsSync(join(folder, SECRET));
}

interface Enrolling extends SystemPlace {
  readonly roots: PinnedRoots;
  readonly domain: string;
}

/** One organisation's people, while its CA serves. */
async function enrolAll(people: readonly Person[], enrolling: Enrolling): Promise<void> {
  const { networkFolder, domain } = enrolling;
  const organizationFolder = join(networkFolder, 'organizations', 'peerOrganizations', domain);
  const office = await CertificateOffice.open({ domain, organizationFolder });
  const server = await startFabricCaServer({ office, port: 0 });
  try {
    for (const person of people) {
      const { folder, lock, secret } = await newKeyFolder(person, enrolling);
      await register(office, { person, secret });
      const { roots } = enrolling;
      const client = new CaClient({ transport: caTransport({ url: server.url }), roots });
      const { name, mspId } = person;
      const keys = await folder.keyPair(lock);
      await folder.takeCertificate(await client.enrol({ name, mspId, keys, secret }));
      rmSync(folder.file(SECRET));
    }
  } finally {
    await server.close();
  }
}

/** A folder with a key, or what an enrolment that was cut short has left. */
async function newKeyFolder(
  { name, mspId }: Person,
  { dataFolder, baseUrl, roots }: Enrolling,
): Promise<{ readonly folder: KeyFolder; readonly lock: Lock; readonly secret: string }> {
  const path = personFolder(dataFolder, name);
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY.folder });
  const secret = secretIn(path, SECRET);
  const passphrase = secretIn(path, PASSPHRASE);
  if (existsSync(join(path, 'procure.json'))) {
    const folder = KeyFolder.open(path);
    return { folder, lock: folder.lock(passphrase), secret };
  }
  const lock = Lock.create(passphrase, COST);
  const settings = { name, mspId, gateway: baseUrl };
  const { folder } = await KeyFolder.create({ path, settings, roots, lock });
  return { folder, lock, secret };
}

/** The secret in a file, made where there is none. */
function secretIn(folder: string, name: string): string {
  const file = join(folder, name);
  if (!existsSync(file)) {
    const secret = randomBytes(SECRET_LENGTH).toString('base64url');
    writeFileSync(file, `${secret}\n`, { mode: OWNER_ONLY.file });
  }
  return readFileSync(file, 'utf8').trim();
}

/** What the organisation does for its people: it knows them, and a secret of each. */
async function register(
  office: CertificateOffice,
  { person, secret }: { readonly person: Person; readonly secret: string },
): Promise<void> {
  const { name, attributes } = person;
  try {
    await office.register({ name, type: 'client', attributes, secret, isRandomSecret: true });
  } catch (error) {
    const isKnown = error instanceof IdentitySourceError && error.reason === 'already-registered';
    if (!isKnown) throw error;
  }
}

/**
 * Who signs as one of the people.
 * @throws {KeyMissing} where the person has no key folder
 */
export async function signerOf(dataFolder: string, name: string): Promise<Signer> {
  const { folder, lock } = openFolder(dataFolder, name);
  return folder.signer(lock);
}

/** Where the holders of seats keep their opening keys: each in the own key folder. */
export interface OpeningKeys {
  keep(key: OpeningKey): Promise<void>;
  recall(key: { readonly tenderId: string; readonly seat: number }): Promise<OpeningKey>;
}

/** @param holders names of those who hold seats 1 and on */
export function openingKeysOf(dataFolder: string, holders: readonly string[]): OpeningKeys {
  const openFor = (seat: number): ReturnType<typeof openFolder> =>
    openFolder(dataFolder, holders[seat - 1] ?? '');
  return {
    keep: async (key) => {
      const { folder, lock } = openFor(key.seat);
      await keepOpeningKey(folder, key, lock);
    },
    recall: async ({ tenderId, seat }) => {
      const { folder, lock } = openFor(seat);
      return recallOpeningKey(folder, tenderId, lock);
    },
  };
}

/**
 * The key folder of one of the people, and what opens it.
 * @throws {KeyMissing} where the person has none
 */
export function openFolder(
  dataFolder: string,
  name: string,
): { readonly folder: KeyFolder; readonly lock: Lock } {
  const path = personFolder(dataFolder, name);
  const passphrase = join(path, PASSPHRASE);
  if (!existsSync(passphrase)) throw new KeyMissing(path);
  const folder = KeyFolder.open(path);
  return { folder, lock: folder.lock(readFileSync(passphrase, 'utf8').trim()) };
}
