import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { readCommandLine, UsageError } from '../command/command-line';
import { createOwnOrganization } from '../certificates/own-organization';
import { topology as procurement } from '../topologies/procurement';
import { readTopology } from '../topology-file/read-topology';
import { CertificateAuthority } from '../certificates/certificate-authority';
import { writePrivate, writePublic } from '../certificates/crypto-files';
import { nodeRoles } from '../certificates/msp-folder';
import { writeWalletEntry } from '../certificates/wallet';
import { CertificateOffice } from './certificate-office';
import { EmbeddedSource } from './embedded-source';
import { startFabricCaServer } from './fabric-ca-server';
import type { FabricCaServer } from './fabric-ca-server';
import { FabricCaSource } from './fabric-ca-source';
import type { IdentitySource, Login, Registration } from './identity-source';
import { mspKey, walletKey } from './key-files';

/** What the command line is told from outside. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Call {
  readonly options: Readonly<Partial<Record<OptionName, string>>>;
  /** As `name=value`. */
  readonly attributes: readonly string[];
  readonly environment: Environment;
}

const names = [
  'ca-folder',
  'ca-url',
  'ca-name',
  'tls-root',
  'registrar',
  'name',
  'type',
  'msp-id',
  'wallet',
  'msp',
  'certificate',
  'list',
  'port',
  'secret-file',
  'topology',
  'organizations',
] as const;

type OptionName = (typeof names)[number];

const commands: Readonly<Record<string, (call: Call) => Promise<readonly string[]>>> = {
  info,
  register,
  enrol,
  reenrol,
  revoke,
  list: writeList,
  create,
};

/** How the program is called. */
export const usage = `npm run identity -- COMMAND (--ca-folder DIR | --ca-url URL) …

  info                                    names the CA and prints its certificate
  register --name N [--type T] [--attribute key=value]… --secret-file FILE
                                          for somebody who enrols with a key of their own
  enrol    --name N [--type T] [--attribute key=value]… --msp-id ID --wallet DIR
  reenrol  (--wallet DIR --name N | --msp DIR)
  revoke   (--name N | --certificate FILE) [--list FILE]
  list     --list FILE                    writes the revocation list
  serve    --ca-folder DIR [--port N]     the embedded CA, by Fabric CA's REST interface
  create   --msp-id ID --organizations DIR [--topology FILE]
                                          an organization's CAs, nodes and administrator

--ca-folder DIR  an organization's folder, with the embedded CA's key in DIR/ca
--ca-url URL     a Fabric CA server; with --tls-root FILE, --ca-name NAME where it has several CAs
--registrar N    who registers there (default: admin); PROCUREMENT_CA_SECRET is the secret`;

/**
 * Carries out one command but `serve`.
 * @returns lines for the person who called
 * @throws UsageError, IdentitySourceError, CryptoStoreError or TopologyError
 */
export async function runIdentity(
  args: readonly string[],
  environment: Environment,
): Promise<readonly string[]> {
  const { command, call } = readCall(args, environment);
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!run) throw new UsageError(`There is no command "${command}".\n\n${usage}`);
  return run(call);
}

/** Starts what `serve` asks for; the caller closes it. @throws UsageError, CryptoStoreError */
export async function serveIdentities(
  args: readonly string[],
  environment: Environment,
): Promise<FabricCaServer> {
  const { call } = readCall(args, environment);
  const place = placeOf(need(call, 'ca-folder'));
  const office = await CertificateOffice.open(place);
  await office.addRegistrar(registrarOf(call));
  const tlsCa = await CertificateAuthority.load({ ...place, kind: 'tlsca' });
  const port = Number(call.options['port'] ?? '7054');
  return startFabricCaServer({
    office,
    port,
    tls: await tlsCa.enrolTlsServer(`ca.${place.domain}`),
  });
}

async function info(call: Call): Promise<string[]> {
  const { name, certificatePem } = await (await sourceOf(call)).caInfo();
  return [`CA ${name}`, certificatePem.trimEnd()];
}

async function register(call: Call): Promise<string[]> {
  const path = need(call, 'secret-file');
  const registration = registrationOf(call);
  const secret = await (await sourceOf(call)).register(registration);
  await writePrivate({ path, text: `${secret}\n` });
  return [`registered ${registration.name}; the secret to enrol with: ${path}`];
}

async function enrol(call: Call): Promise<string[]> {
  const mspId = need(call, 'msp-id');
  const wallet = need(call, 'wallet');
  const registration = registrationOf(call);
  const { name } = registration;
  const source = await sourceOf(call);
  const secret = await source.register(registration);
  const key = await source.enrol({ name, secret });
  return [`enrolled ${name}: ${await writeWalletEntry(wallet, { ...key, label: name, mspId })}`];
}

function registrationOf(call: Call): Registration {
  const name = need(call, 'name');
  const type = nodeRoles.find((one) => one === (call.options['type'] ?? 'client'));
  if (!type) throw new UsageError(`--type must be one of ${nodeRoles.join(', ')}`);
  return { name, type, attributes: Object.fromEntries(call.attributes.map(splitAttribute)) };
}

async function reenrol(call: Call): Promise<string[]> {
  const { msp } = call.options;
  const files =
    msp === undefined
      ? await walletKey(need(call, 'wallet'), need(call, 'name'))
      : await mspKey(resolve(msp));
  const written = await files.replace(await (await sourceOf(call)).reenrol(files.current));
  return written.map((path) => `renewed ${path}`);
}

async function revoke(call: Call): Promise<string[]> {
  const { certificate, list } = call.options;
  const target =
    certificate === undefined
      ? { name: need(call, 'name') }
      : { certificatePem: await readFile(certificate, 'utf8') };
  const { serials, revocationListPem } = await (await sourceOf(call)).revoke(target);
  const lines = [`revoked ${String(serials.length)} certificates`, ...serials];
  if (list === undefined) return lines;
  await writePublic({ path: list, text: revocationListPem });
  return [...lines, `revocation list: ${list}`];
}

async function writeList(call: Call): Promise<string[]> {
  const path = need(call, 'list');
  await writePublic({ path, text: await (await sourceOf(call)).revocationList() });
  return [`revocation list: ${path}`];
}

async function create(call: Call): Promise<string[]> {
  const { topology } = call.options;
  const home = await createOwnOrganization({
    topology: topology === undefined ? procurement : await readTopology(topology),
    mspId: need(call, 'msp-id'),
    root: need(call, 'organizations'),
  });
  return [`made ${home}`, `put its CA keys away: ${home}/ca, ${home}/tlsca`];
}

async function sourceOf(call: Call): Promise<IdentitySource> {
  const folder = call.options['ca-folder'];
  const url = call.options['ca-url'];
  if (folder !== undefined)
    return new EmbeddedSource(await CertificateOffice.open(placeOf(folder)));
  if (url === undefined) throw new UsageError('name the CA with --ca-folder or --ca-url');
  const caName = call.options['ca-name'];
  const root = call.options['tls-root'];
  return new FabricCaSource({
    url,
    registrar: registrarOf(call),
    ...(caName !== undefined && { caName }),
    ...(root !== undefined && { tlsRootPem: await readFile(root, 'utf8') }),
  });
}

function registrarOf({ options, environment }: Call): Login {
  const secret = environment['PROCUREMENT_CA_SECRET'];
  if (secret === undefined || secret === '') {
    throw new UsageError('set PROCUREMENT_CA_SECRET to the secret of the registrar');
  }
  return { name: options['registrar'] ?? 'admin', secret };
}

/** The folder of an organization has the name of its domain. */
function placeOf(folder: string): { domain: string; organizationFolder: string } {
  const organizationFolder = resolve(folder);
  return { domain: basename(organizationFolder), organizationFolder };
}

function splitAttribute(attribute: string): [string, string] {
  const at = attribute.indexOf('=');
  if (at < 1) throw new UsageError(`--attribute ${attribute} is not of the form name=value`);
  return [attribute.slice(0, at), attribute.slice(at + 1)];
}

function need(call: Call, name: OptionName): string {
  const value = call.options[name];
  if (value === undefined) throw new UsageError(`--${name} is missing\n\n${usage}`);
  return value;
}

function readCall(
  args: readonly string[],
  environment: Environment,
): { command: string; call: Call } {
  const one = { type: 'string' } as const;
  const options = Object.fromEntries(names.map((name) => [name, one]));
  const { values, positionals } = readCommandLine(args, {
    allowPositionals: true,
    options: { ...options, attribute: { type: 'string', multiple: true } },
    usage,
  });
  const { attribute = [], ...given } = values;
  return {
    command: positionals[0] ?? '',
    call: { options: given, attributes: attribute, environment },
  };
}
