import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CheckFailed } from '../../check';
import { Lock, lockOf, PassphraseError, readEncrypted, writeEncrypted } from './encrypted-file';

const cheap = { N: 16, r: 8, p: 1 };
const kind = 'signing-key';

let folder: string;
let file: string;
let secret: Uint8Array;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'encrypted-'));
  file = join(folder, 'key.json');
  secret = new Uint8Array(randomBytes(138));
  const about = { name: 'dorji', seat: 3 };
  const lock = Lock.create('a long passphrase', cheap);
  await writeEncrypted(file, { kind, about, bytes: secret, lock });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function content(): Record<string, unknown> & { kdf: Record<string, unknown> } {
  return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof content>;
}

function open(passphrase = 'a long passphrase'): ReturnType<typeof readEncrypted> {
  return readEncrypted(file, { kind, lock: lockOf(file, kind, passphrase) });
}

describe('an encrypted file', () => {
  test('gives the secret back to the passphrase, with what stands beside it', async () => {
    const { bytes, about } = await open();
    expect(bytes).toEqual(secret);
    expect(about).toEqual({ name: 'dorji', seat: 3 });
  });

  test('is readable by its owner alone and shows nothing of the secret', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file);
    for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const) {
      expect(text.includes(Buffer.from(secret).toString(encoding))).toBe(false);
    }
  });

  test('costs 128 MiB for each guess unless a test says otherwise', () => {
    expect(Lock.create('a long passphrase').kdf).toMatchObject({ N: 131_072, r: 8, p: 1 });
  });

  test('opens to the same characters typed another way', async () => {
    const lock = Lock.create('caf\u00e9 in Thimphu', cheap);
    await writeEncrypted(file, { kind, about: {}, bytes: secret, lock, replace: true });
    expect((await open('cafe\u0301 in Thimphu')).bytes).toEqual(secret);
  });

  test('has another key and nonce for every folder and file', async () => {
    const before = content();
    const lock = Lock.create('a long passphrase', cheap);
    await writeEncrypted(file, { kind, about: {}, bytes: secret, lock, replace: true });
    expect(content().kdf['salt']).not.toBe(before.kdf['salt']);
    expect(content()['cipher']).not.toEqual(before['cipher']);
  });

  test('does not open to another passphrase', async () => {
    await expect(open('a long passphrasf')).rejects.toThrow(PassphraseError);
  });

  test('does not open once anything in it was changed', async () => {
    const { about, ciphertext, cipher, kdf } = content();
    const other = Buffer.from(String(ciphertext), 'base64url');
    const at = randomInt(other.length);
    other[at] = (other[at] ?? 0) ^ 1;
    const changes: readonly object[] = [
      { about: { ...(about as object), name: 'tshering' } },
      { ciphertext: other.toString('base64url') },
      { ciphertext: other.subarray(4).toString('base64url') },
      { cipher: { ...(cipher as object), nonce: 'AAAAAAAAAAAAAAAA' } },
      { kdf: { ...kdf, N: 32 } },
      { kdf: { ...kdf, salt: 'AAAA' } },
    ];
    for (const change of changes) {
      writeFileSync(file, JSON.stringify({ ...content(), ...change }));
      await expect(open()).rejects.toThrow(PassphraseError);
      writeFileSync(file, JSON.stringify({ ...content(), about, ciphertext, cipher, kdf }));
    }
    expect((await open()).bytes).toEqual(secret);
  });

  test.each([
    ['another kind', { kind: 'opening-key' }],
    ['another schema', { schema: 'encrypted/2' }],
    ['another derivation', { kdf: { name: 'pbkdf2', N: 1, r: 1, p: 1, salt: 'AAAA' } }],
    ['a derivation that would take hours', { kdf: { name: 'scrypt', N: 2 ** 30, r: 8, p: 1 } }],
    ['another cipher', { cipher: { name: 'AES-128-CBC', nonce: 'AAAA' } }],
  ])('of %s is not opened at all', (_, change) => {
    writeFileSync(file, JSON.stringify({ ...content(), ...change }));
    expect(() => lockOf(file, kind, 'a long passphrase')).toThrow(CheckFailed);
  });

  test('is not overwritten, and no passphrase of seven characters is taken', async () => {
    const lock = Lock.create('a long passphrase', cheap);
    const again = writeEncrypted(file, { kind, about: {}, bytes: secret, lock });
    await expect(again).rejects.toMatchObject({ code: 'EEXIST' });
    expect(() => Lock.create('seven77')).toThrow(PassphraseError);
  });
});
