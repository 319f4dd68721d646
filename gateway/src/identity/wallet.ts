import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Creator, Sign } from '../ledger/ledger.port';
import { certificateAttributes, certificateFacts } from './certificate';
import { newSign } from './sign';

const ENDING = '.id';

const entrySchema = z.object({
  credentials: z.object({ certificate: z.string(), privateKey: z.string() }),
  mspId: z.string().min(1),
  type: z.literal('X.509'),
  version: z.literal(1),
});

/** Somebody who may sign, by whatever holds the key. */
export interface Identity extends Creator {
  /** Name of the wallet entry. */
  readonly name: string;
  /** Certificate subject, the most specific part first. */
  readonly subject: string;
  /** SHA-256 of the DER SubjectPublicKeyInfo, base64url. */
  readonly spki: string;
  /** Attribute `role` of the certificate; decided by the CA, never by a request. */
  readonly role: string | undefined;
  readonly sign: Sign;
}

/** A wallet folder or one of its entries cannot be used; the message says which and why. */
export class WalletError extends Error {
  override readonly name = 'WalletError';
}

/**
 * One identity from the text of a wallet file, as fabric-network's file system wallet writes it.
 * @param name label of the entry
 * @param text JSON `{credentials:{certificate,privateKey},mspId,type:"X.509",version:1}`
 * @throws WalletError if the text, the certificate or the key cannot be used
 */
export function parseWalletEntry(name: string, text: string): Identity {
  try {
    const { credentials, mspId } = entrySchema.parse(JSON.parse(text));
    return Object.freeze({
      name,
      mspId,
      certificate: credentials.certificate,
      ...certificateFacts(credentials.certificate),
      role: certificateAttributes(credentials.certificate)['role'],
      sign: newSign(credentials.privateKey),
    });
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    // The cause could quote the file, so its text stays out where it is not zod's own.
    const reason = error instanceof z.ZodError ? cause : 'no usable certificate and P-256 key';
    throw new WalletError(`wallet entry ${name}${ENDING}: ${reason}`);
  }
}

/**
 * Reads a wallet folder.
 * @param folder holds `<name>.id` files
 * @returns the identities in the order of their names
 * @throws WalletError if the folder is absent or an entry cannot be used
 */
export async function readWallet(folder: string): Promise<Identity[]> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new WalletError(
      `no wallet in ${folder}: start the network first, or set PROCUREMENT_DATA`,
      { cause },
    );
  });
  const names = entries.filter((entry) => entry.endsWith(ENDING)).sort();
  return Promise.all(
    names.map(async (entry) =>
      parseWalletEntry(
        entry.slice(0, -ENDING.length),
        await readFile(path.join(folder, entry), 'utf8'),
      ),
    ),
  );
}
