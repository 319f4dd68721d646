import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  packageIdOf,
  readPackage,
  readServiceConnection,
} from '../../../../lifecycle/chaincode-package';
import type { ServiceConnection } from '../../../../lifecycle/chaincode-package';
import { sha256 } from '../../../../crypto/hashes';
import { textOf } from '../../../../machine/text-of';
import { packageStructure } from './structures';

/** A package at a peer. */
export interface InstalledPackage {
  readonly packageId: string;
  readonly label: string;
  readonly connection: ServiceConnection;
}

const FILE = /^(.+)[.]([0-9a-f]{64})[.]tar[.]gz$/;

/**
 * The packages of one peer, each in a file that is named as real peers name it
 * (core/chaincode/persistence/persistence.go).
 */
export class PackageStore {
  readonly #folder: string;
  readonly #packages = new Map<string, InstalledPackage>();
  /** Package ids by the hash under which an approval keeps them. */
  readonly #idsByHash = new Map<string, string>();
  readonly #listeners: (() => void)[] = [];
  #lastInstall: Promise<unknown> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the store of a folder, which is made where it is missing. */
  static async open(folder: string): Promise<PackageStore> {
    const store = new PackageStore(folder);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      if (FILE.test(name)) store.#add(await parse(await readFile(join(folder, name))));
    }
    return store;
  }

  /** All packages, by label and hash. */
  list(): readonly InstalledPackage[] {
    return [...this.#packages.values()].sort((one, other) =>
      Buffer.compare(Buffer.from(one.packageId), Buffer.from(other.packageId)),
    );
  }

  find(packageId: string): InstalledPackage | undefined {
    return this.#packages.get(packageId);
  }

  /**
   * The package that an approval names.
   * @param hash SHA-256 of the approval's `PackageID` field, as every peer of the channel has it
   */
  findByHash(hash: Uint8Array): InstalledPackage | undefined {
    const id = this.#idsByHash.get(Buffer.from(hash).toString('hex'));
    return id === undefined ? undefined : this.#packages.get(id);
  }

  /** Told after each installation. */
  onInstall(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Installs a package.
   * @throws Error with Fabric's text for what is no package of a service, or is there already
   */
  async install(bytes: Uint8Array): Promise<InstalledPackage> {
    const parsed = await parse(bytes);
    // One after the other: the same package may come twice at once.
    const installing = this.#lastInstall.then(() => this.#save(parsed, bytes));
    this.#lastInstall = installing.catch(() => undefined);
    await installing;
    return parsed;
  }

  /** The bytes of a package. @throws Error with Fabric's text when it is not there */
  async load(packageId: string): Promise<Buffer> {
    if (!this.#packages.has(packageId)) {
      throw new Error(
        `could not load cc install package: chaincode install package '${packageId}' not found`,
      );
    }
    return readFile(this.#pathOf(packageId));
  }

  async #save(parsed: InstalledPackage, bytes: Uint8Array): Promise<void> {
    const { packageId } = parsed;
    if (this.#packages.has(packageId)) {
      throw new Error(`chaincode already successfully installed (package ID '${packageId}')`);
    }
    const path = this.#pathOf(packageId);
    // The package may hold the peer's key for the chaincode.
    await writeFile(`${path}.new`, bytes, { mode: 0o600 });
    await rename(`${path}.new`, path);
    this.#add(parsed);
    for (const listener of this.#listeners) listener();
  }

  #add(parsed: InstalledPackage): void {
    this.#packages.set(parsed.packageId, parsed);
    for (const field of packageStructure(parsed.packageId).fields.values()) {
      this.#idsByHash.set(sha256(field).toString('hex'), parsed.packageId);
    }
  }

  #pathOf(packageId: string): string {
    return join(this.#folder, `${packageId.replace(':', '.')}.tar.gz`);
  }
}

async function parse(bytes: Uint8Array): Promise<InstalledPackage> {
  const content = await readPackage(bytes).catch((error: unknown) => {
    throw new Error(`could not parse as a chaincode install package: ${textOf(error)}`);
  });
  const { label, type } = content;
  if (type !== 'ccaas') {
    throw new Error(
      `could not build chaincode: no builder of this peer takes packages of type '${type}', ` +
        "only 'ccaas'",
    );
  }
  const connection = await readServiceConnection(content).catch((error: unknown) => {
    throw new Error(`could not build chaincode: external builder failed: ${textOf(error)}`);
  });
  return { packageId: packageIdOf(label, bytes), label, connection };
}
