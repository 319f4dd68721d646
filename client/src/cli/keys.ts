/** `procure keys`: a person's key, from its making to its end. */
import { readFileSync } from 'node:fs';
import type { QueryResult } from '@procurement/protocol';
import { certificateFacts, renewalDue } from '../keys/certificate-facts';
import { CaClient } from '../keys/enrolment';
import type { Call, Report } from './call';
import { caTransport } from './folder/ca-transport';
import { KeyFolder } from './folder/key-folder';
import { type Fingerprints, fingerprintsOf, readPins } from './folder/pinned-roots';
import { describeCertificate } from './certificate';
import { placeLines } from './place';
import { RECOVERY } from './recovery';
import { renew } from './renewal';
import { wordIdOf } from './request-id';
import type { TaskGroup } from './task';
import { UsageError } from './usage-error';
import { readWalletFile } from './wallet-file';

const NEW_FOLDER = [
  ['--name <name>', 'the name under which your organisation enrols you'],
  ['--roots <folder>', 'what each organisation gave out: its CA certificate as <MSP id>.pem'],
] as const;

/** The commands on keys. */
export const KEYS: TaskGroup = {
  name: 'keys',
  about: 'Make your key, have it certified and registered, renew and revoke it.',
  tasks: [
    {
      name: 'new',
      about: 'Make a key folder with a new key, encrypted under a passphrase.',
      options: [...NEW_FOLDER, ['--msp-id <id>', 'your organisation, such as VendorMSP']],
      run: makeFolder,
    },
    {
      name: 'import',
      about: 'Make a key folder from an identity file of a Fabric wallet.',
      operands: [['<file.id>', 'certificate and key; destroy the file afterwards']],
      options: NEW_FOLDER,
      run: importFolder,
    },
    {
      name: 'enrol',
      about: 'Exchange the enrolment secret for a certificate of your key.',
      options: [
        ['--ca-url <address>', "your organisation's CA"],
        ['--ca-tls-root <file>', "root of the CA's TLS certificate, PEM"],
        ['--secret-file <file>', 'file with the enrolment secret, instead of typing it'],
      ],
      run: enrol,
    },
    {
      name: 'register',
      about: 'Put your key into the register on the ledger.',
      options: [
        ['--name <name>', 'your own name, or that of your firm'],
        ['--vendor-id <id>', 'vendors: the id under which you will bid'],
        ['--licence <number>', 'vendors: the number of your licence'],
      ],
      run: register,
    },
    {
      name: 'renew',
      about: 'Renew your certificate; with --new-key the key as well (vendors).',
      options: [['--new-key', 'make a new key and put it in the place of the present one']],
      run: renew,
    },
    {
      name: 'revoke',
      about: 'Revoke a key: your own at once, another by the word of two organisations.',
      options: [
        ['--spki <hash>', "the key's hash, as keys show prints it (default: your own)"],
        ['--reason <text>', 'why'],
      ],
      run: revoke,
    },
    ...RECOVERY,
    {
      name: 'find',
      about: 'Look up a key, or a firm and its key, in the register.',
      options: [
        ['--spki <hash>', "the key's hash, as keys show prints it"],
        ['--vendor-id <id>', 'the id of a firm, instead'],
      ],
      run: find,
    },
    {
      name: 'show',
      about: 'Show your key, certificate and pinned roots; with --register the register too.',
      options: [['--register', 'ask the ledger for the entry of your key']],
      run: show,
    },
  ],
};

async function makeFolder(call: Call): Promise<Report> {
  return newFolder(call, { mspId: call.need('mspId'), name: call.need('name') });
}

async function importFolder(call: Call): Promise<Report> {
  const { mspId, certificate, pkcs8 } = readWalletFile(call.operand(0));
  const { subject } = await certificateFacts(certificate);
  const [, named] = /CN=([^,+]+)/.exec(subject) ?? [];
  const name = call.option('name') ?? named ?? '';
  return newFolder(call, { mspId, name, existing: { certificate, pkcs8 } });
}

async function newFolder(
  call: Call,
  whose: {
    readonly mspId: string;
    readonly name: string;
    readonly existing?: Parameters<typeof KeyFolder.create>[0]['existing'];
  },
): Promise<Report> {
  const { mspId, name, existing } = whose;
  const witness = call.option('witnessUrl', 'PROCUREMENT_WITNESS_URL');
  const gateway = call.need('url', 'PROCUREMENT_URL');
  const { folder, fingerprints } = await KeyFolder.create({
    path: call.folderPath,
    settings: { name, mspId, gateway, ...(witness === undefined ? {} : { witness }) },
    ...readPins(call.need('roots')),
    lock: await call.newLock(),
    existing,
  });
  const { spki } = folder.publicKey();
  return {
    value: { folder: folder.path, name, mspId, spki, roots: fingerprints },
    lines: [
      `Made the key of ${name} (${mspId}) in ${folder.path}.`,
      `key   ${spki}`,
      'Compare these fingerprints with what each organisation has published:',
      ...rootLines(fingerprints),
    ],
  };
}

async function enrol(call: Call): Promise<Report> {
  const folder = call.folder();
  const tlsRootFile = call.option('caTlsRoot');
  const tlsRoot = tlsRootFile === undefined ? {} : { tlsRoot: readFileSync(tlsRootFile, 'utf8') };
  const ca = { url: call.need('caUrl'), ...tlsRoot };
  const client = new CaClient({ transport: caTransport(ca), roots: await folder.roots() });
  const { name, mspId } = folder.settings;
  const secret = await call.secret('secretFile', 'Enrolment secret: ');
  const keys = await folder.keyPair(await call.lock());
  await folder.takeCertificate(await client.enrol({ name, mspId, keys, secret }));
  folder.rememberCa(ca);
  return describeCertificate(folder, 'Enrolled');
}

async function register(call: Call): Promise<Report> {
  const name = call.need('name');
  const { spki } = call.folder().publicKey();
  const facts = { name, key: spki, organisation: call.folder().settings.mspId };
  const role = await roleOf(call.folder());
  const requestId = `register-${spki}`;
  if (role === 'vendor') {
    const [vendorId, licence] = [call.need('vendorId'), call.need('licence')];
    await call.confirm('your entry as a vendor', { vendor: vendorId, licence, ...facts });
    const api = await call.api();
    const outcome = await api.registerVendor({ requestId, vendorId, name, licence });
    return { value: outcome, lines: [`Registered ${vendorId}.`, ...placeLines(outcome)] };
  }
  await call.confirm('your entry in the register of keys', { ...facts, role: role ?? 'none' });
  const outcome = await (await call.api()).registerSelf({ requestId, name });
  return { value: outcome, lines: [`Registered the key of ${name}.`, ...placeLines(outcome)] };
}

async function revoke(call: Call): Promise<Report> {
  const spki = call.option('spki') ?? call.folder().publicKey().spki;
  const reason = call.need('reason');
  const api = await call.api();
  const holder = holderOf(await api.key(spki));
  await call.confirm('the end of a key; it cannot be taken back', { key: spki, holder, reason });
  const requestId = await wordIdOf('revoke', { spki, reason });
  const outcome = await api.revokeKey({ requestId, spki, reason });
  const told = outcome.result.revoked
    ? `The key ${spki} is revoked.`
    : 'Recorded. An officer or auditor of another organisation has to say the same.';
  return { value: outcome, lines: [told, ...placeLines(outcome)] };
}

async function show(call: Call): Promise<Report> {
  const folder = call.folder();
  const { name, mspId, gateway, witness } = folder.settings;
  const { spki } = folder.publicKey();
  const pem = folder.certificate();
  const certificate = pem === undefined ? undefined : await certificateFacts(pem);
  const roots = await fingerprintsOf(await folder.pins());
  const entry = call.flag('register') ? await (await call.api()).key(spki) : undefined;
  const due = certificate === undefined ? undefined : renewalDue(certificate, Date.now());
  return {
    value: { name, mspId, spki, gateway, witness, certificate, roots, renewal: due, entry },
    lines: [
      `name         ${name}`,
      `organisation ${mspId}`,
      `key          ${spki}`,
      `gateway      ${gateway}`,
      `witness      ${witness ?? 'none'}`,
      ...(certificate === undefined
        ? ['certificate  none yet']
        : [`certificate  ${certificate.subject}, until ${certificate.notAfter}`]),
      ...(certificate?.role === undefined ? [] : [`role         ${certificate.role}`]),
      ...(due === undefined ? [] : [due]),
      ...(entry === undefined ? [] : [`register     ${stateOf(entry)}`]),
      'pinned roots:',
      ...rootLines(roots),
    ],
  };
}

async function find(call: Call): Promise<Report> {
  const vendorId = call.option('vendorId');
  const api = await call.api();
  const vendor = vendorId === undefined ? undefined : await api.vendor(vendorId);
  const entry = await api.key(vendor?.owner.spki ?? call.need('spki'));
  const { mspId, spki } = entry;
  return {
    value: { ...(vendor === undefined ? {} : { vendor }), entry },
    lines: [
      `holder       ${holderOf(entry)}`,
      ...(vendor === undefined ? [] : [`firm         ${vendor.name}, licence ${vendor.licence}`]),
      `organisation ${mspId}`,
      `key          ${spki}`,
      `register     ${stateOf(entry)}`,
    ],
  };
}

function holderOf({ holder }: QueryResult<'key:get'>): string {
  return 'vendorId' in holder ? holder.vendorId : `${holder.name}, ${holder.role}`;
}

function stateOf(entry: { readonly revoked?: { readonly at: string } | undefined }): string {
  return entry.revoked === undefined ? 'in force' : `revoked at ${entry.revoked.at}`;
}

async function roleOf(folder: KeyFolder): Promise<string | undefined> {
  const pem = folder.certificate();
  if (pem === undefined) throw new UsageError('no certificate yet; run "procure keys enrol"');
  return (await certificateFacts(pem)).role;
}

function rootLines(fingerprints: Fingerprints): string[] {
  return Object.entries(fingerprints).flatMap(([mspId, digests]) =>
    digests.map((digest) => `  ${mspId}  ${digest}`),
  );
}
