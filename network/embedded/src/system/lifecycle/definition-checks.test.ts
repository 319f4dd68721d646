import { describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { collectionPackage } from '../../../../lifecycle/definition';
import type { Collection } from '../../../../topology';
import { checkDefinition } from './definition-checks';

const surroundings = { mspIds: ['AlphaMSP', 'BetaMSP'], committed: undefined };
const none = new peer.CollectionConfigPackage();
const secrets: Collection = {
  name: 'secrets',
  policy: "OR('AlphaMSP.member', 'BetaMSP.member')",
  requiredPeerCount: 0,
  maxPeerCount: 1,
  blockToLive: 3,
  memberOnlyRead: true,
  memberOnlyWrite: true,
};

function checking(collections: readonly Collection[], committed?: readonly Collection[]) {
  return (): void => {
    checkDefinition({ name: 'basic', version: '1.0' }, collectionPackage(collections), {
      ...surroundings,
      committed: committed && collectionPackage(committed),
    });
  };
}

describe('The definition of a chaincode', () => {
  test.each(['basic', 'asset-transfer_2', 'A1'])('may have the name %s', (name) => {
    expect(() => {
      checkDefinition({ name, version: '1.0' }, none, surroundings);
    }).not.toThrow();
  });

  test.each(['', '_a', 'a b', 'a--b', 'a#1'])('may not have the name "%s"', (name) => {
    expect(() => {
      checkDefinition({ name, version: '1.0' }, none, surroundings);
    }).toThrow(
      `invalid chaincode name '${name}'. Names can only consist of alphanumerics, '_', and '-' ` +
        'and can only begin with alphanumerics',
    );
  });

  test('may not have the name of a system chaincode', () => {
    expect(() => {
      checkDefinition({ name: 'qscc', version: '1.0' }, none, surroundings);
    }).toThrow("chaincode name 'qscc' is the name of a system chaincode");
  });

  test('may not have a version with other signs', () => {
    expect(() => {
      checkDefinition({ name: 'basic', version: '1/0' }, none, surroundings);
    }).toThrow("invalid chaincode version '1/0'");
  });
});

describe('The collections of a definition', () => {
  test('pass when they hold together', () => {
    expect(checking([secrets])).not.toThrow();
  });

  test.each<readonly [string, readonly Collection[], string]>([
    ['a name with another sign', [{ ...secrets, name: '_a' }], "invalid collection name '_a'"],
    [
      'one name twice',
      [secrets, secrets],
      'collection-name: secrets -- found duplicate in collection configuration',
    ],
    [
      'more required than possible peers',
      [{ ...secrets, requiredPeerCount: 2 }],
      'collection-name: secrets -- maximum peer count (1) cannot be less than the required peer ' +
        'count (2)',
    ],
    [
      'a negative number of peers',
      [{ ...secrets, requiredPeerCount: -1 }],
      'collection-name: secrets -- requiredPeerCount (-1) cannot be less than zero',
    ],
    [
      'members that must come together',
      [{ ...secrets, policy: "AND('AlphaMSP.member', 'BetaMSP.member')" }],
      'collection-name: secrets -- error in member org policy: signature policy is not an OR ' +
        'concatenation, NOutOf 2',
    ],
    [
      'a member that is not on the channel',
      [{ ...secrets, policy: "OR('GammaMSP.member')" }],
      "collection-name: secrets -- collection member 'GammaMSP' is not part of the channel",
    ],
  ])('are refused with %s', (_, collections, text) => {
    expect(checking(collections)).toThrow(text);
  });

  test('may grow, but not go or live longer', () => {
    expect(checking([secrets, { ...secrets, name: 'more' }], [secrets])).not.toThrow();
    expect(checking([], [secrets])).toThrow(
      'the proposed collection config does not contain previously defined collections',
    );
    expect(checking([{ ...secrets, name: 'more' }], [secrets])).toThrow(
      'existing collection [secrets] missing in the proposed collection configuration',
    );
    expect(checking([{ ...secrets, blockToLive: 4 }], [secrets])).toThrow(
      'the BlockToLive in an existing collection [secrets] modified. Existing value [3]',
    );
  });
});
