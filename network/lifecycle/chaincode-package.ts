import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';

/** A package that is none, or not as Fabric wants it; the text is Fabric's where it has one. */
export class ChaincodePackageError extends Error {
  override readonly name = 'ChaincodePackageError';
}

/**
 * How a peer reaches a chaincode that runs as a service; the fields are those of the file
 * `connection.json` (Fabric: ccaas_builder). Keys and certificates are PEM texts.
 */
export interface ServiceConnection {
  /** `host:port`. */
  readonly address: string;
  /** Go duration such as `10s`. Default: `10s`. */
  readonly dial_timeout?: string;
  readonly tls_required?: boolean;
  readonly client_auth_required?: boolean;
  readonly client_key?: string;
  readonly client_cert?: string;
  readonly root_cert?: string;
}

/** A chaincode as it is installed at peers. */
export interface ChaincodePackage {
  readonly label: string;
  /** `label:` and the SHA-256 of the bytes in hex: what `--chaincode-id` must be. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** What stands in a package. */
export interface PackageContent {
  readonly label: string;
  /** Such as `ccaas` or `node`. */
  readonly type: string;
  /** The inner archive, `code.tar.gz`. */
  readonly code: Buffer;
}

const METADATA_FILE = 'metadata.json';
const CODE_FILE = 'code.tar.gz';
const CONNECTION_FILE = 'connection.json';
/** core/chaincode/persistence/chaincode_package.go:LabelRegexp */
const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

/** The label that chaincodes of a topology get: `name_version`. */
export function labelOf(chaincode: { readonly name: string; readonly version: string }): string {
  return `${chaincode.name}_${chaincode.version}`;
}

/** Id of a package: label and hash of the bytes (persistence.go:PackageID). */
export function packageIdOf(label: string, bytes: Uint8Array): string {
  return `${label}:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Packages a chaincode that runs as a service. Equal arguments give equal bytes on every machine,
 * so the id of a package is known before it is installed anywhere.
 * @throws ChaincodePackageError for a label that Fabric does not take
 */
export async function packageService(service: {
  readonly label: string;
  readonly connection: ServiceConnection;
}): Promise<ChaincodePackage> {
  const { label, connection } = service;
  checkLabel(label);
  const metadata = JSON.stringify({ path: '', type: 'ccaas', label });
  const file = JSON.stringify({ dial_timeout: '10s', tls_required: false, ...connection });
  const code = await archive({ [CONNECTION_FILE]: Buffer.from(file) });
  const bytes = await archive({ [METADATA_FILE]: Buffer.from(metadata), [CODE_FILE]: code });
  return { label, id: packageIdOf(label, bytes), bytes };
}

/**
 * Reads a package of any type.
 * Source: core/chaincode/persistence/chaincode_package.go:ParseChaincodePackage
 * @throws ChaincodePackageError
 */
export async function readPackage(bytes: Uint8Array): Promise<PackageContent> {
  const files = await filesOf(bytes);
  const code = files.get(CODE_FILE);
  if (!code) throw new ChaincodePackageError('did not find a code package inside the package');
  const metadata = files.get(METADATA_FILE);
  if (!metadata) {
    throw new ChaincodePackageError(`did not find any package metadata (missing ${METADATA_FILE})`);
  }
  const { label, type } = parseJson(metadata, METADATA_FILE);
  const content = { label: textOf(label), type: textOf(type), code };
  checkLabel(content.label);
  return content;
}

/**
 * The file `connection.json` of a package of type `ccaas`.
 * @throws ChaincodePackageError when there is none, or no address in it
 */
export async function readServiceConnection(content: PackageContent): Promise<ServiceConnection> {
  const file = (await filesOf(content.code)).get(CONNECTION_FILE);
  if (!file) throw new ChaincodePackageError(`${CONNECTION_FILE} not found in source folder`);
  const connection = parseJson(file, CONNECTION_FILE) as Partial<ServiceConnection>;
  const { address } = connection;
  if (typeof address !== 'string' || address === '') {
    throw new ChaincodePackageError('chaincode address not provided');
  }
  return { ...connection, address };
}

function checkLabel(label: string): void {
  if (LABEL.test(label)) return;
  throw new ChaincodePackageError(
    `invalid label '${label}'. Label must be non-empty, can only consist of alphanumerics, ` +
      `symbols from '.+-_', and can only begin with alphanumerics`,
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parseJson(bytes: Buffer, name: string): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new ChaincodePackageError(`could not unmarshal ${name} as json`, { cause: error });
  }
}

/** Stored, not compressed: implementations of deflate differ in the bytes they give. */
async function archive(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const packing = pack();
  for (const [name, content] of Object.entries(files)) {
    packing.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, content);
  }
  packing.finalize();
  const zipped = gzipSync(await buffer(packing), { level: 0 });
  // The header names the operating system; 255 is "unknown" (RFC 1952, section 2.3.1).
  zipped[9] = 255;
  return zipped;
}

async function filesOf(bytes: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = extract();
  const unzipped = Readable.from([bytes]).pipe(createGunzip());
  unzipped.on('error', (error) => entries.destroy(error));
  unzipped.pipe(entries);
  try {
    for await (const entry of entries) {
      const { name, type } = entry.header;
      const content = await buffer(entry);
      if (type === 'file') files.set(name.replace(/^\.\//, ''), content);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ChaincodePackageError(`error reading as gzip stream: ${reason}`, { cause: error });
  }
  return files;
}
