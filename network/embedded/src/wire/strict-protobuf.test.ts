import { describe, expect, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';
import './strict-protobuf';

const wireFormat = 'proto: cannot parse invalid wire-format data';

function chaincodeName(hex: string): string {
  return peer.ChaincodeID.deserializeBinary(Buffer.from(hex, 'hex')).getName();
}

describe('the protobuf runtime, made strict', () => {
  test.each([
    ['a string longer than the message', '1205616263', wireFormat],
    ['a string of four thousand million bytes', '12ffffffff0f61', wireFormat],
    ['a length that does not end', '12ffff', wireFormat],
    ['a length of more digits than memory', '12ffffffffffffffffff01', wireFormat],
    ['an unknown field longer than the message', '7a0561', wireFormat],
    ['a field with the number 0', '020161', wireFormat],
    ['a tag that does not end', 'ff', wireFormat],
    ['a number where text should be', '1005', wireFormat],
    ['the end of a group that never began', '1c', wireFormat],
    ['text that is no UTF-8', '1202c328', 'proto: string field contains invalid UTF-8'],
  ])('refuses %s', (_what, hex, text) => {
    expect(() => chaincodeName(hex)).toThrow(text);
  });

  test('refuses a message within a message that claims more than its parent has', () => {
    // Payload{header: 2 bytes of which the first field claims 3}, data follows.
    const bytes = Buffer.from('0a020a03120161', 'hex');
    expect(() => common.Payload.deserializeBinary(bytes)).toThrow(wireFormat);
  });

  test('reads what is well-formed, text of every plane and unknown fields included', () => {
    expect(chaincodeName('1203616263')).toBe('abc');
    expect(chaincodeName('7a01611204f09d92b3')).toBe('𝒳');
    expect(chaincodeName('1203efbbbf')).toBe('\ufeff');
    expect(chaincodeName('')).toBe('');
  });
});
