import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../error-code';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const OWNER_ONLY = 0o600;

/** A token file holds something that is no token. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

async function createToken(file: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return token;
}

/**
 * The bearer token that is kept beside a wallet entry, made on first use.
 * @param folder the wallet's
 * @param name of the entry; the file is `<name>.token`, readable by its owner alone
 * @returns 32 random bytes, base64url
 * @throws TokenError if the file holds anything else
 */
export async function loadToken(folder: string, name: string): Promise<string> {
  const file = path.join(folder, `${name}.token`);
  try {
    const token = (await readFile(file, 'utf8')).trim();
    if (!TOKEN.test(token)) {
      throw new TokenError(`${file} holds no token: remove it, and the next start makes a new one`);
    }
    await chmod(file, OWNER_ONLY);
    return token;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return createToken(file);
    }
    throw error;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** Finds the holder of a presented token without keeping any token in memory. */
export class TokenRegistry<Holder> {
  readonly #entries: { readonly digest: Buffer; readonly holder: Holder }[] = [];

  /** Lets a token stand for a holder. */
  add(token: string, holder: Holder): void {
    this.#entries.push({ digest: digest(token), holder });
  }

  /**
   * @param token as presented by a request
   * @returns its holder; undefined where nobody has it. Every entry is compared, each in constant
   *   time, so that the answer's delay tells nothing of how near a guess was
   */
  find(token: string): Holder | undefined {
    const presented = digest(token);
    let found: Holder | undefined;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.digest, presented)) {
        found = entry.holder;
      }
    }
    return found;
  }
}
