import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import { findIn, patternsOf, searchFolder, wordsFound } from './search';

const word = 'Xq7vTr93LmZk';
const surroundings = ['', 'a', 'ab', 'abc', 'abcd'].flatMap((before) =>
  ['', '"', '"}', '"}]'].map((after) => `${before}${word}${after}`),
);

describe('the search for a word', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'search-test-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test.each(['utf8', 'base64', 'base64url', 'hex', 'utf16le'] as const)(
    'finds it written as %s, whatever stands around it',
    (encoding) => {
      for (const text of surroundings) {
        const written = encoding === 'utf16le' ? Buffer.from(text, encoding) : encode(text);
        const found = findIn(written, { patterns: patternsOf(word), place: text });
        expect(found.length).toBeGreaterThan(0);
      }
      function encode(text: string): Buffer {
        return Buffer.from(encoding === 'utf8' ? text : Buffer.from(text).toString(encoding));
      }
    },
  );

  test('finds upper-case hex and the other byte order of UTF-16', () => {
    const upper = Buffer.from(Buffer.from(`<${word}>`).toString('hex').toUpperCase());
    const swapped = Buffer.from(`<${word}>`, 'utf16le').swap16();
    const [hex, utf16] = [upper, swapped].map((bytes) =>
      findIn(bytes, { patterns: patternsOf(word), place: '' }).map(({ encoding }) => encoding),
    );
    expect(hex).toEqual(['HEX']);
    expect(utf16).toContain('UTF-16BE');
  });

  test('does not find a word that differs in one letter', () => {
    const other = Buffer.from(surroundings.join('').replaceAll('Lm', 'Ln'));
    expect(findIn(other, { patterns: patternsOf(word), place: '' })).toEqual([]);
  });

  test('finds it in a compressed store, in keys and values, where its files hide it', async () => {
    const store = join(folder, 'store');
    const level = new ClassicLevel(store);
    const filler = 'the same words again and again, '.repeat(200);
    for (let number = 0; number < 50; number += 1) {
      await level.put(`key-${number}`, `${filler}${word.slice(0, 6)}-${number}`);
    }
    await level.put(`in-${word}`, 'nothing');
    await level.put('key-99', `${filler}${Buffer.from(word).toString('hex')}`);
    await level.compactRange('\0', '~');
    await level.close();
    await writeFile(join(folder, 'other.txt'), `something else than ${word.slice(1)}`);
    const result = await searchFolder(folder, [word, 'Kp04NotThere']);
    expect(wordsFound([word, 'Kp04NotThere'], result)).toEqual([word]);
    const inStore = result.findings.filter(({ place }) => /(key|value)$/.test(place));
    expect(inStore).toEqual([
      { word, encoding: 'plain', place: 'store key' },
      { word, encoding: 'hex', place: 'store value' },
    ]);
    expect(result).toMatchObject({ storeCount: 1, keyCount: 52 });
  });
});
