import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { CheckFailed } from '../check';

const OWNER_ONLY = 0o600;
const EVERYONE_READS = 0o644;

/**
 * Reads a JSON object.
 * @throws {SyntaxError} where the file is no JSON, naming the file
 * @throws {CheckFailed} where it holds something else than an object
 */
export function readJson(file: string): object {
  const value = parse(file, readFileSync(file, 'utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CheckFailed(`${file} holds no JSON object`);
  }
  return value;
}

/** Writes a JSON file that anyone may read. Never overwrites one. */
export function writeJson(file: string, value: object): void {
  write(file, value, EVERYONE_READS);
}

/** Writes bytes into a file that anyone may read. Never overwrites one. */
export function writeBytes(file: string, bytes: Uint8Array): void {
  writeContent(file, bytes, { flag: 'wx', mode: EVERYONE_READS });
}

/** Writes a JSON file that only its owner may read (mode 0600). Never overwrites one. */
export function writeSecret(file: string, value: object): void {
  write(file, value, OWNER_ONLY);
}

/** Writes a JSON file that only its owner may read, in place of an earlier one and in one step. */
export function replaceSecret(file: string, value: object): void {
  replaceText(file, textOf(value), OWNER_ONLY);
}

/** Writes a JSON file that anyone may read, in place of an earlier one and in one step. */
export function replaceJson(file: string, value: object): void {
  replaceText(file, textOf(value));
}

/** Writes a text in place of an earlier one, in one step. */
export function replaceText(file: string, text: string, mode = EVERYONE_READS): void {
  const beside = `${file}.new`;
  writeContent(beside, text, { flag: 'w', mode });
  renameSync(beside, file);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw new SyntaxError(`${file} is no JSON: ${reason}`, { cause: error });
  }
}

function write(file: string, value: object, mode: number): void {
  writeContent(file, textOf(value), { flag: 'wx', mode });
}

function textOf(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function writeContent(
  file: string,
  content: string | Uint8Array,
  { flag, mode }: { readonly flag: 'w' | 'wx'; readonly mode: number },
): void {
  const descriptor = openSync(file, flag, mode);
  try {
    writeFileSync(descriptor, content);
    // A secret that is lost after its message was sent cannot be made again.
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
