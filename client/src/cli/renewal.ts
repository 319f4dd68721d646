/** `procure keys renew`: another certificate of the same key, or of a new one. */
import type { ProcurementApi } from '../api';
import { ApiProblem } from '../http';
import { CaClient } from '../keys/enrolment';
import { provePossession } from '../keys/possession';
import { LEDGER_TARGET } from '../signed-api';
import type { Call, Report } from './call';
import { describeCertificate } from './certificate';
import { caTransport } from './folder/ca-transport';
import type { KeyFolder } from './folder/key-folder';
import { placeLines } from './place';
import { UsageError } from './usage-error';

/** Renews the certificate; with `--new-key` the key as well. */
export async function renew(call: Call): Promise<Report> {
  if (call.flag('newKey')) return renewKey(call);
  const folder = call.folder();
  const lock = await call.lock();
  const { client, name, mspId } = await caOf(folder);
  const keys = await folder.keyPair(lock);
  const pem = await client.reenrol({ name, mspId, keys }, await folder.signer(lock));
  await folder.takeCertificate(pem);
  return describeCertificate(folder, 'Renewed');
}

/** A key that could not be handed in is there still when the command is given again. */
async function renewKey(call: Call): Promise<Report> {
  const folder = call.folder();
  if (await isNextInForce(call)) return settled(folder);
  const api = await call.api();
  const { vendorId, spki: present } = await api.me();
  if (vendorId === undefined) {
    throw new UsageError('--new-key is for vendors; others register a new key and revoke the old');
  }
  const publicKey = await certifyNext(call);
  const { spki } = folder.publicKey('next');
  await call.confirm('a new key in the place of yours', { vendor: vendorId, present, new: spki });
  const { privateKey } = await folder.keyPair(await call.lock(), 'next');
  const possession = await provePossession({ ...LEDGER_TARGET, vendorId, publicKey }, privateKey);
  const outcome = await api.renewKey({ requestId: `renew-${spki}`, publicKey, possession });
  folder.promoteNext();
  return { value: outcome, lines: [`Renewed the key of ${vendorId}.`, ...placeLines(outcome)] };
}

/** The next key, made unless it is there, and certified. @returns it, DER, base64url */
async function certifyNext(call: Call): Promise<string> {
  const folder = call.folder();
  const lock = await call.lock();
  const { client, name, mspId } = await caOf(folder);
  if (!folder.hasNext()) await folder.newKey(lock, 'next');
  const keys = await folder.keyPair(lock, 'next');
  const signer = await folder.signer(lock);
  await folder.takeCertificate(await client.reenrol({ name, mspId, keys }, signer), 'next');
  return folder.publicKey('next').publicKey;
}

/**
 * Whether the ledger has the next key already, as after an answer that was lost: the present one
 * could then not even ask.
 */
async function isNextInForce(call: Call): Promise<boolean> {
  const folder = call.folder();
  if (!folder.hasNext() || folder.certificate('next') === undefined) return false;
  const api = await call.nextApi();
  return (await entryOf(api, folder.publicKey('next').spki)) !== undefined;
}

async function entryOf(api: ProcurementApi, spki: string): Promise<object | undefined> {
  return api.key(spki).catch((error: unknown) => {
    if (error instanceof ApiProblem && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
}

function settled(folder: KeyFolder): Report {
  folder.promoteNext();
  const { spki } = folder.publicKey();
  return {
    value: { spki, settled: true },
    lines: [`The ledger had taken the new key already; it is the key of this folder now: ${spki}.`],
  };
}

async function caOf(
  folder: KeyFolder,
): Promise<{ readonly client: CaClient; readonly name: string; readonly mspId: string }> {
  const { ca, name, mspId } = folder.settings;
  if (ca === undefined) {
    throw new UsageError('no CA is known: "procure keys enrol" notes the one it used');
  }
  const client = new CaClient({ transport: caTransport(ca), roots: await folder.roots() });
  return { client, name, mspId };
}
