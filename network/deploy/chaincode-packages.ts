import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadChaincodeClientTls } from '../certificates/chaincode-tls';
import { mutualConnection } from '../chaincode-service/chaincode-services';
import { labelOf, packageService } from '../lifecycle/chaincode-package';
import { organizationOf, TopologyError } from '../topology';
import type { Topology } from '../topology';
import { chaincodeHost, packageIdVariable } from './deployment';

/** A package that lies in a file. */
export interface WrittenPackage {
  readonly path: string;
  /** The package id, as `peer lifecycle chaincode install` prints it. */
  readonly id: string;
  /** The variable of a Compose file's `.env` that takes the id. */
  readonly variable: string;
}

/** Which packages are made, of what, and where to. */
export interface PackageRequest {
  readonly topology: Topology;
  readonly mspId: string;
  /** The folder `organizations` with what the organization's chaincodes need for TLS. */
  readonly organizations: string;
  /** Folder to write into. */
  readonly out: string;
  /** Of the chaincodes; default: that of the topology. */
  readonly version?: string;
}

/**
 * Writes the packages with which the peers of an organization find its chaincodes in containers.
 * Equal requests give equal bytes. Only their owner may read them: the key with which a peer meets
 * its chaincode is in them.
 * @throws TopologyError when the topology has no such organization, or no chaincode of it
 * @throws CryptoStoreError about the TLS material
 * @throws ChaincodePackageError for a version that Fabric does not take in a label
 */
export async function packageChaincodes(request: PackageRequest): Promise<WrittenPackage[]> {
  const { topology, mspId, organizations, out, version } = request;
  const organization = organizationOf(topology, mspId);
  const own = topology.chaincodes.flatMap((one) => {
    const address = one.addresses[mspId];
    return address ? [{ name: one.name, version: version ?? one.version, ...address }] : [];
  });
  if (own.length === 0) throw new TopologyError(`${mspId} runs no chaincode`);
  const written: WrittenPackage[] = [];
  for (const { port, ...chaincode } of own) {
    const { name } = chaincode;
    const client = await loadChaincodeClientTls(organizations, { organization, chaincode: name });
    const address = `${chaincodeHost(name, organization)}:${String(port)}`;
    const connection = mutualConnection(address, client);
    const made = await packageService({ label: labelOf(chaincode), connection });
    const path = join(out, mspId, `${made.label}.tgz`);
    await writeSecret(path, made.bytes);
    written.push({ path, id: made.id, variable: packageIdVariable(name, mspId) });
  }
  return written;
}

/** Anew, so that nothing is left of an older file's permissions. */
async function writeSecret(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
}
