/** People who make their keys themselves: a folder for each, and the command in it. */
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFolder } from '@procurement/client/key-folder';
import { runIdentity, serveIdentities } from '@procurement/network/identity-source/command';
import { topology } from '@procurement/network/topologies/procurement';
import { writeRoots } from '@procurement/tools/demonstration/roots';
import { projectRoot } from '@procurement/tools/start/project-root';
import { type Ended, runProcure } from './run-procure';

/** Somebody whom an organisation lets in. */
export interface Person {
  readonly name: string;
  readonly mspId: string;
  /** Certificate attributes. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A CA of the network, as a server. */
interface CaServer {
  readonly url: string;
  readonly tlsRoot: string;
  close(): Promise<void>;
}

const PROGRAM = join(projectRoot, 'client', 'bin', 'procure.cjs');
const REGISTRAR = { PROCUREMENT_CA_SECRET: 'secret of the registrar' };

/** Folders of people in a place of their own, with the CAs that certify their keys. */
export class KeyHomes {
  readonly #folder: string;
  readonly #networkFolder: string;
  /** Address of the gateway that has to tell the same as a person's own. */
  readonly #witness: string | undefined;
  readonly #cas = new Map<string, CaServer>();

  private constructor(options: {
    readonly folder: string;
    readonly networkFolder: string;
    readonly witness: string | undefined;
  }) {
    this.#folder = options.folder;
    this.#networkFolder = options.networkFolder;
    this.#witness = options.witness;
  }

  /**
   * Serves the CA of every organisation of an embedded network that keeps its files in a folder.
   * @param witness address of a second gateway, which has to tell the same to everybody
   */
  static async open(networkFolder: string, witness?: string): Promise<KeyHomes> {
    const folder = await mkdtemp(join(tmpdir(), 'key-homes-'));
    const homes = new KeyHomes({ folder, networkFolder, witness });
    for (const { mspId, domain } of topology.organizations) {
      const home = join(networkFolder, 'organizations', 'peerOrganizations', domain);
      const args = ['serve', '--ca-folder', home, '--port', '0'];
      const server = await serveIdentities(args, REGISTRAR);
      const tlsRoot = join(home, 'tlsca', `tlsca.${domain}-cert.pem`);
      homes.#cas.set(mspId, { url: server.url, tlsRoot, close: () => server.close() });
    }
    return homes;
  }

  async close(): Promise<void> {
    for (const ca of this.#cas.values()) await ca.close();
    await rm(this.#folder, { recursive: true });
  }

  /** A path in somebody's folder. */
  path(person: string, ...names: readonly string[]): string {
    return join(this.#folder, person, ...names);
  }

  /** The CA of a person's organisation. */
  ca({ mspId }: Person): CaServer {
    const ca = this.#cas.get(mspId);
    if (ca === undefined) throw new RangeError(`no CA of ${mspId}`);
    return ca;
  }

  /** What a person gets from the organisations: roots, an enrolment secret; and a passphrase. */
  async settle(person: Person): Promise<void> {
    const { name, attributes } = person;
    const home = this.path(name);
    await mkdir(home, { recursive: true });
    writeRoots(this.#networkFolder, home);
    const ca = this.ca(person);
    const secretFile = this.path(name, 'enrolment-secret');
    const given = Object.entries(attributes).flatMap(([attribute, value]) => [
      ...['--attribute', `${attribute}=${value}`],
    ]);
    const where = ['--ca-url', ca.url, '--tls-root', ca.tlsRoot, '--secret-file', secretFile];
    await runIdentity(['register', '--name', name, ...given, ...where], REGISTRAR);
    await writeFile(this.path(name, 'ca-tls.pem'), await readFile(ca.tlsRoot));
    await writeFile(this.path(name, 'passphrase'), `passphrase of ${name}\n`);
  }

  /** The enrolment is over: its secret is used up. */
  async forgetSecret(person: string): Promise<void> {
    await rm(this.path(person, 'enrolment-secret'));
  }

  /** The 32 secret bytes of a person's key, to look for where they must not be. */
  async secretScalar(person: string): Promise<Buffer> {
    const folder = KeyFolder.open(this.path(person));
    const pkcs8 = await folder.pkcs8(folder.lock(`passphrase of ${person}`));
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
  }

  /** Runs the command in this process, in somebody's folder; whatever it signs is meant. */
  procure(person: string, args: readonly string[]): Promise<Ended> {
    return runProcure(args, { folder: this.path(person), env: this.#environment(person) });
  }

  /** Runs the installed command in a process of its own, in somebody's folder. */
  procureAlone(person: string, args: readonly string[]): Promise<Ended> {
    const env = { ...process.env, ...this.#environment(person) };
    const options = { cwd: this.path(person), env, encoding: 'utf8' } as const;
    return new Promise((resolve) => {
      execFile(process.execPath, [PROGRAM, ...args], options, (error, output, errors) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), output, errors });
      });
    });
  }

  #environment(person: string): Record<string, string> {
    return {
      PROCUREMENT_PASSPHRASE_FILE: this.path(person, 'passphrase'),
      PROCUREMENT_SECRET_FILE: this.path(person, 'enrolment-secret'),
      ...(this.#witness === undefined ? {} : { PROCUREMENT_WITNESS_URL: this.#witness }),
    };
  }
}
