import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { checkFormat, readFormat } from './format';
import { Reject } from './rejects';
import { commandAnswerSchema, COMMANDS } from './commands';
import { titleSchema } from './fields';

const schema = z.strictObject({
  id: z.string().max(3),
  lines: z.array(z.strictObject({ seat: z.number().int() })),
});

function refusalOf(text: string): unknown {
  try {
    return readFormat(schema, text);
  } catch (error) {
    return error instanceof Reject ? { code: error.code, ...error.args } : error;
  }
}

describe('reading an input', () => {
  test('gives the value where it fits', () => {
    expect(readFormat(schema, '{"id":"a","lines":[{"seat":1}]}')).toEqual({
      id: 'a',
      lines: [{ seat: 1 }],
    });
  });

  test.each([
    ['{"id":"a","lines":[],"role":"officer"}', 'role', 'unknown'],
    ['{"__proto__":{},"id":"a","lines":[]}', '__proto__', 'unknown'],
    ['{"lines":[]}', 'id', 'missing'],
    ['{"id":1,"lines":[]}', 'id', 'mistyped'],
    ['{"id":"a","lines":[{"seat":"1"}]}', 'lines[0].seat', 'mistyped'],
    ['{"id":"a","lines":[{"seat":1,"x":0}]}', 'lines[0].x', 'unknown'],
    ['{"id":"abcd","lines":[]}', 'id', 'invalid'],
    ['{"id":null,"lines":[]}', 'id', 'mistyped'],
  ])('%s is refused for %s: %s', (text, path, problem) => {
    expect(refusalOf(text)).toEqual({ code: 'FORMAT', path, problem });
  });

  test.each([
    '',
    '[]',
    '{"lines":[],"id":"a"}',
    '{"id":"a", "lines":[]}',
    '{"id":"a","id":"a","lines":[]}',
    '{"id":"a","lines":[{"seat":1.0}]}',
    '{"id":"a","lines":[{"seat":9007199254740993}]}',
  ])('%j is refused as not canonical', (text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'FORMAT', path: '' });
  });
});

describe('the path of a refusal', () => {
  test('is cut short where a member name is long, and is still text', () => {
    const long = '😀'.repeat(5000);
    expect(refusalOf(`{"id":"a","lines":[],"${'x'.repeat(199)}${long}":1}`)).toEqual({
      code: 'FORMAT',
      path: `${'x'.repeat(199)}\ufffd`,
      problem: 'unknown',
    });
  });
});

describe('schemas of members', () => {
  test.each(['Road\u202Edaor', 'two\nlines', 'nul\0', '', 'x'.repeat(301)])(
    'a title refuses %j',
    (text) => {
      expect(titleSchema.safeParse(text).success).toBe(false);
    },
  );

  test('a title takes Dzongkha', () => {
    expect(titleSchema.safeParse('གཞུང་ལམ་བཟོ་སྐྲུན།').success).toBe(true);
  });

  test('a submission with an envelope of any members passes the door', () => {
    const input = {
      ...{ requestId: 'r', tenderId: 'T', lotId: 'L', version: 1, envelope: { any: 1 } },
      noticeHash: 'A'.repeat(43),
    };
    expect(checkFormat(COMMANDS['bid:submit'].input, input)).toEqual(input);
  });

  test('an answer names its transaction', () => {
    expect(() => checkFormat(commandAnswerSchema, { repeated: true, result: {} })).toThrow(Reject);
  });
});
