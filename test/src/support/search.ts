/** Looks for words in everything that a system leaves on a disk, however they are written. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** A word that was found, how it was written there, and where. */
export interface Finding {
  readonly word: string;
  readonly encoding: string;
  /** A file, or a store and `key` or `value`. */
  readonly place: string;
}

/** One way in which a word may be written, as bytes to look for. */
export interface Pattern {
  readonly word: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

const BITS_IN_BYTE = 8;
const BITS_IN_DIGIT = 6;
/** A word begins at one of three places inside a group of base64. */
const ALIGNMENTS = [0, 1, 2];
/** Every LevelDB has a file of this name, which names its manifest. */
const STORE_MARK = 'CURRENT';

/**
 * Every way in which a word may be written: plain, base64 and base64url at their three alignments,
 * hex in both cases, UTF-16 in both byte orders.
 * @param word ASCII, long enough that nothing else looks like it
 */
export function patternsOf(word: string): Pattern[] {
  const utf16 = Buffer.from(word, 'utf16le');
  return [
    ...patternsOfBytes(word, Buffer.from(word)),
    { word, encoding: 'UTF-16LE', bytes: utf16 },
    { word, encoding: 'UTF-16BE', bytes: Buffer.from(utf16).swap16() },
  ];
}

/** Every way in which bytes may be written; `word` is what a finding calls them. */
export function patternsOfBytes(word: string, content: Buffer): Pattern[] {
  const hex = content.toString('hex');
  const written: [string, Buffer][] = [
    ['plain', content],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
  ];
  for (const encoding of ['base64', 'base64url'] as const) {
    for (const at of ALIGNMENTS) {
      written.push([`${encoding} at ${at}`, Buffer.from(digitsOf(content, { encoding, at }))]);
    }
  }
  return written.map(([encoding, bytes]) => ({ word, encoding, bytes }));
}

/** The digits of base64 that the content alone decides, whatever stands before and after it. */
function digitsOf(
  content: Buffer,
  where: { readonly encoding: 'base64' | 'base64url'; readonly at: number },
): string {
  const bytes = Buffer.concat([Buffer.alloc(where.at), content]);
  const first = Math.ceil((where.at * BITS_IN_BYTE) / BITS_IN_DIGIT);
  const last = Math.floor((bytes.length * BITS_IN_BYTE) / BITS_IN_DIGIT);
  return bytes.toString(where.encoding).slice(first, last);
}

/** The patterns that stand in these bytes. */
export function findIn(
  bytes: Uint8Array,
  source: { readonly patterns: readonly Pattern[]; readonly place: string },
): Finding[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return source.patterns
    .filter((pattern) => buffer.includes(pattern.bytes))
    .map(({ word, encoding }) => ({ word, encoding, place: source.place }));
}

/** What was looked through, and what was found. */
export interface SearchResult {
  readonly findings: readonly Finding[];
  readonly fileCount: number;
  readonly storeCount: number;
  /** Keys of all stores; each was looked through with its value. */
  readonly keyCount: number;
}

/**
 * Looks through every file below a folder, by its bytes and its name, and through every key and
 * value of every LevelDB in it, since their files are compressed. The stores must be closed; copies
 * of them are read, so that nothing changes.
 */
export async function searchFolder(
  folder: string,
  wanted: readonly (string | Pattern)[],
): Promise<SearchResult> {
  const patterns = wanted.flatMap((one) => (typeof one === 'string' ? patternsOf(one) : one));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const findings: Finding[] = [];
  for (const file of files) {
    const place = relative(folder, file);
    findings.push(...findIn(await readFile(file), { patterns, place }));
    findings.push(...findIn(Buffer.from(place), { patterns, place: `name of ${place}` }));
  }
  const stores = files.filter((file) => basename(file) === STORE_MARK).map(dirname);
  let keyCount = 0;
  for (const store of stores) {
    const place = relative(folder, store);
    const found = await searchStore(store, { patterns, place });
    findings.push(...found.findings);
    keyCount += found.keyCount;
  }
  return { findings, fileCount: files.length, storeCount: stores.length, keyCount };
}

async function searchStore(
  store: string,
  source: { readonly patterns: readonly Pattern[]; readonly place: string },
): Promise<{ readonly findings: Finding[]; readonly keyCount: number }> {
  const copy = await mkdtemp(join(tmpdir(), 'search-'));
  const { patterns, place } = source;
  const findings: Finding[] = [];
  let keyCount = 0;
  try {
    await cp(store, copy, { recursive: true });
    const level = new ClassicLevel<Buffer, Buffer>(copy, {
      ...{ keyEncoding: 'buffer', valueEncoding: 'buffer' },
      createIfMissing: false,
    });
    for await (const [key, value] of level.iterator()) {
      keyCount += 1;
      findings.push(...findIn(key, { patterns, place: `${place} key` }));
      findings.push(...findIn(value, { patterns, place: `${place} value` }));
    }
    await level.close();
    return { findings, keyCount };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The words among these that were found, in their order. */
export function wordsFound(
  words: readonly string[],
  { findings }: Pick<SearchResult, 'findings'>,
): string[] {
  return words.filter((word) => findings.some((finding) => finding.word === word));
}
