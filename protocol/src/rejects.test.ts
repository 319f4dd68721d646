import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Reject, REJECT_CODES, REJECTS, parseReject } from './rejects';

const texts = fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed());
const rejects = fc
  .tuple(
    fc.constantFrom(...REJECT_CODES),
    fc.dictionary(texts, fc.oneof(texts, fc.maxSafeInteger(), fc.array(texts)), {
      noNullPrototype: true,
    }),
  )
  .map(([code, args]) => new Reject(code, args));

describe('a refusal on the wire', () => {
  test('is read back with code and arguments', () => {
    fc.assert(
      fc.property(rejects, (reject) => {
        const parsed = parseReject(reject.message);
        expect(parsed?.message).toBe(reject.message);
        expect(parsed?.code).toBe(reject.code);
      }),
    );
  });

  test('is found inside whatever an SDK writes around it', () => {
    fc.assert(
      fc.property(rejects, texts, texts, (reject, before, after) => {
        const wrapped = `${before} chaincode response 500, ${reject.message}${after}`;
        expect(parseReject(wrapped)?.message).toBe(reject.message);
      }),
    );
  });

  test('is found where its quotation marks were escaped once', () => {
    fc.assert(
      fc.property(rejects, (reject) => {
        expect(parseReject(JSON.stringify({ message: reject.message }))?.message).toBe(
          reject.message,
        );
      }),
    );
  });

  test('has the form REJECT and canonical JSON', () => {
    expect(new Reject('LOT', { tenderId: 'T', lotId: 'L' }).message).toBe(
      'REJECT {"args":{"lotId":"L","tenderId":"T"},"code":"LOT"}',
    );
  });

  test.each([
    'REJECT',
    'REJECT {"args":{},"code":"NO_SUCH_CODE"}',
    'REJECT {"code":"LOT","args":{}}',
    'REJECT {"args":{},"code":"LOT","more":1}',
    'REJECT {"args":{"a":{}},"code":"LOT"}',
    'REJECT {"args":[],"code":"LOT"}',
    'REJECT {"args":{},"code":"toString"}',
    'REJECT {"args":{},"code":"LOT"',
  ])('%j is none', (text) => {
    expect(parseReject(text)).toBeUndefined();
  });
});

describe('the table of refusals', () => {
  test.each(REJECT_CODES)(
    '%s has a client error as status, arguments in order and a sentence',
    (code) => {
      const { status, args, sentence } = REJECTS[code];
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect([...args].sort()).toEqual(args);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
    },
  );
});
