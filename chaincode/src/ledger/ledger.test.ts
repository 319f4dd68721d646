import '../test-support/quiet';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ChaincodeStub } from 'fabric-shim';
import { issueCertificate } from '../test-support/certificate';
import { signedProposal } from '../test-support/proposal';
import { Simulation, WorldState } from '../test-support/world-state';
import { KEY_PREFIXES, keyParts } from './keys';
import { proposedChaincode } from './proposal';
import { State } from './state';

function stubOn(state: WorldState, chaincode = 'procurement'): ChaincodeStub {
  const { pem } = issueCertificate('x', {});
  const proposal = signedProposal({
    ...{ channel: 'c', chaincode, transactionId: 't', mspId: 'M', certificatePem: pem, atMs: 0 },
  });
  const Stub = ChaincodeStub as unknown as new (...parameters: unknown[]) => ChaincodeStub;
  const handler = state.handlerFor(new Simulation());
  return new Stub(handler, 'c', 't', { getArgsList_asU8: () => [] }, proposal);
}

describe('keys', () => {
  test('have a prefix of their own for each kind', () => {
    const prefixes = Object.values(KEY_PREFIXES);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });

  test('of different parts never collide', () => {
    const part = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.nat());
    const stub = stubOn(new WorldState());
    const keyOf = (parts: readonly (string | number)[]): string | undefined => {
      try {
        return stub.createCompositeKey('kind', keyParts(parts));
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (left, right) => {
        const [one, two] = [keyOf(left), keyOf(right)];
        const isSame = JSON.stringify(keyable(left)) === JSON.stringify(keyable(right));
        expect(one !== undefined && one === two && !isSame).toBe(false);
      }),
    );
  });

  test.each(['', 'a\0b', 'a/b', '\u{10ffff}', 'é', 'a'.repeat(65)])(
    'refuse the part %j',
    (part) => {
      expect(() => keyParts([part])).toThrow(RangeError);
    },
  );
});

function keyable(parts: readonly (string | number)[]): string[] {
  return parts.map((part) => (typeof part === 'number' ? String(part).padStart(10, '0') : part));
}

describe('the state of a transaction', () => {
  const name = { kind: 'tender', parts: ['T'] } as const;

  test('refuses to write a key that it did not read', async () => {
    const state = new State(stubOn(new WorldState()));
    await expect(state.put(name, new Uint8Array([1]))).rejects.toThrow('without being read');
  });

  test('refuses to read or write a key again that it wrote', async () => {
    const state = new State(stubOn(new WorldState()));
    await state.get(name);
    await state.put(name, new Uint8Array([1]));
    await expect(state.get(name)).rejects.toThrow('read after it was written');
    await expect(state.put(name, new Uint8Array([2]))).rejects.toThrow('written twice');
  });
});

describe('a signed proposal', () => {
  test.each(['procurement', 'proxy', 'x'.repeat(300)])('names its chaincode %s', (chaincode) => {
    expect(proposedChaincode(stubOn(new WorldState(), chaincode))).toBe(chaincode);
  });
});
