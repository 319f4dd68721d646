import { describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../../crypto/hashes';
import { approve, checkReadiness, commitDefinition, queryApproved } from './approvals';
import type { ProposedDefinition } from './approvals';
import { readParameters, readSequence } from './structures';
import type { DefinitionParameters, OpaqueFields, WritableFields } from './structures';

class Fields implements WritableFields, OpaqueFields {
  readonly values = new Map<string, Uint8Array>();
  writes: string[] = [];

  get(key: string): Uint8Array | undefined {
    return this.values.get(key);
  }

  put(key: string, value: Uint8Array): void {
    this.writes.push(key);
    this.values.set(key, value);
  }

  hash(key: string): Uint8Array | undefined {
    const value = this.values.get(key);
    return value && sha256(value);
  }
}

const parameters: DefinitionParameters = {
  version: '1.0',
  endorsementPlugin: '',
  initRequired: false,
  validationPlugin: '',
  policyBytes: new Uint8Array(),
  collections: new peer.CollectionConfigPackage(),
};

function definition(changes: Partial<ProposedDefinition> = {}): ProposedDefinition {
  return { name: 'basic', sequence: 1, parameters, ...changes };
}

function newChannel(compat: '2.5' | '3.1' = '3.1') {
  const publicState = new Fields();
  const own = new Fields();
  const other = new Fields();
  const places = { channel: 'c', compat, publicState, own };
  const organizations = new Map([
    ['AlphaMSP', own],
    ['BetaMSP', other],
  ]);
  const commit = (proposed: ProposedDefinition, mspId = 'AlphaMSP'): void => {
    commitDefinition(proposed, mspId, { publicState, organizations });
  };
  return { publicState, own, other, places, organizations, commit };
}

describe('An approval', () => {
  test('is kept with the defaults of the channel and the package', () => {
    const { places } = newChannel();

    approve(definition(), 'basic_1.0:ab', places);

    const approved = queryApproved({ name: 'basic', sequence: 1 }, places);
    expect(approved).toMatchObject({ sequence: 1, packageId: 'basic_1.0:ab' });
    expect(approved.parameters.endorsementPlugin).toBe('escc');
    expect(approved.parameters.validationPlugin).toBe('vscc');
    const policy = peer.ApplicationPolicy.deserializeBinary(approved.parameters.policyBytes);
    expect(policy.getChannelConfigPolicyReference()).toBe('/Channel/Application/Endorsement');
  });

  test('writes six keys at first, and only the package when nothing else changes', () => {
    const { places, own } = newChannel();

    approve(definition(), 'basic_1.0:ab', places);
    expect(own.writes).toHaveLength(6);
    own.writes = [];
    approve(definition(), 'basic_1.0:cd', places);

    expect(own.writes).toEqual(['chaincode-sources/fields/basic#1/PackageID']);
  });

  test.each([
    ['0', 0, 'requested sequence is 0, but first definable sequence number is 1'],
    ['2', 2, 'requested sequence 2 is larger than the next available sequence number 1'],
  ])('of sequence %s of a new chaincode is refused', (_, sequence, text) => {
    const { places } = newChannel();

    expect(() => {
      approve(definition({ sequence }), '', places);
    }).toThrow(text);
  });

  test('that changes nothing is refused before the commit', () => {
    const { places } = newChannel('2.5');
    approve(definition(), 'basic_1.0:ab', places);

    expect(() => {
      approve(definition(), 'basic_1.0:ab', places);
    }).toThrow(
      'attempted to redefine uncommitted sequence (1) for namespace basic with unchanged content',
    );
  });

  test('that changes nothing after the commit is refused by 3.1 only', () => {
    for (const compat of ['2.5', '3.1'] as const) {
      const { places, commit } = newChannel(compat);
      approve(definition(), 'basic_1.0:ab', places);
      commit(definition());
      const again = (): void => {
        approve(definition(), 'basic_1.0:ab', places);
      };

      if (compat === '2.5') expect(again).not.toThrow();
      else {
        expect(again).toThrow(
          'attempted to redefine the current committed sequence (1) for namespace basic',
        );
      }
    }
  });

  test('of the committed sequence must be of the same definition', () => {
    const { places, commit } = newChannel();
    approve(definition(), '', places);
    commit(definition());

    expect(() => {
      approve(definition({ parameters: { ...parameters, version: '2.0' } }), '', places);
    }).toThrow(
      'attempted to redefine the current committed sequence (1) for namespace basic with ' +
        "different parameters: expected Version '1.0' does not match passed Version '2.0'",
    );
  });

  test('of an earlier sequence is refused', () => {
    const { places, commit } = newChannel();
    for (const sequence of [1, 2]) {
      approve(definition({ sequence }), '', places);
      commit(definition({ sequence }));
    }

    expect(() => {
      approve(definition(), '', places);
    }).toThrow('currently defined sequence 2 is larger than requested sequence 1');
  });

  test('is found without a sequence: the next one, else the current one', () => {
    const { places, commit } = newChannel();
    approve(definition(), 'a:1', places);
    commit(definition());
    expect(queryApproved({ name: 'basic', sequence: 0 }, places).sequence).toBe(1);
    approve(definition({ sequence: 2 }), 'a:2', places);

    expect(queryApproved({ name: 'basic', sequence: 0 }, places)).toMatchObject({
      sequence: 2,
      packageId: 'a:2',
    });
  });

  test('that is not there is named as each generation names it', () => {
    const asked = { name: 'basic', sequence: 0 };
    const { places } = newChannel('2.5');

    expect(() => queryApproved(asked, places)).toThrow(
      "could not fetch approved chaincode definition (name: 'basic', sequence: '0') on channel 'c'",
    );
  });
});

describe('A definition', () => {
  test('is ready where all hashes are those of the approval', () => {
    const { places, publicState, organizations, other } = newChannel();
    approve(definition(), 'a:1', places);
    approve(definition({ parameters: { ...parameters, version: '9' } }), 'b:1', {
      ...places,
      own: other,
    });

    const readiness = checkReadiness(definition(), publicState, organizations);

    expect(readiness.approvals).toEqual(
      new Map([
        ['AlphaMSP', true],
        ['BetaMSP', false],
      ]),
    );
    expect(readiness.mismatches).toEqual(new Map([['BetaMSP', ['EndorsementInfo']]]));
  });

  test('of another sequence than the next cannot be committed', () => {
    const { commit } = newChannel();

    expect(() => {
      commit(definition({ sequence: 2 }));
    }).toThrow('requested sequence is 2, but new definition must be sequence 1');
  });

  test('is not committed by the peer of an organization that has not approved it', () => {
    const { places, commit } = newChannel();
    approve(definition(), 'a:1', places);

    expect(() => {
      commit(definition(), 'BetaMSP');
    }).toThrow('chaincode definition not agreed to by this org (BetaMSP)');
  });

  test('is written whole at first, and then where it changes', () => {
    const { places, commit, publicState } = newChannel();
    approve(definition(), 'a:1', places);
    commit(definition());
    expect(publicState.writes).toHaveLength(5);
    expect(readSequence(publicState, 'basic')).toBe(1);
    publicState.writes = [];
    const next = definition({ sequence: 2, parameters: { ...parameters, version: '2.0' } });
    approve(next, 'a:2', places);

    commit(next);

    expect(publicState.writes).toEqual([
      'namespaces/fields/basic/Sequence',
      'namespaces/fields/basic/EndorsementInfo',
    ]);
    const place = { area: 'namespaces', name: 'basic' } as const;
    expect(readParameters(publicState, place).version).toBe('2.0');
  });
});
