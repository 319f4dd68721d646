import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { describeWithGolden, goldenFolder, goldenJson } from '../embedded/src/test-support/golden';
import { collectionPackage } from '../lifecycle/definition';
import { readCollections } from './collections-file';
import { UsageError } from './command-line';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'collections-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function fileOf(content: unknown): Promise<string> {
  const path = join(folder, 'collections.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const secret = { name: 'secret', policy: "OR('Org1MSP.member')" };

describe("a file of collections in Fabric's format", () => {
  test('has the defaults of Fabric', async () => {
    expect(await readCollections(await fileOf([secret]))).toEqual([
      {
        ...secret,
        requiredPeerCount: 0,
        maxPeerCount: 1,
        blockToLive: 0,
        memberOnlyRead: false,
        memberOnlyWrite: false,
      },
    ]);
  });

  test('may name an endorsement policy, or a policy of the channel', async () => {
    const signaturePolicy = "OR('Org1MSP.peer')";
    const channelConfigPolicy = '/Channel/Application/Endorsement';
    const file = await fileOf([
      { ...secret, maxPeerCount: 3, memberOnlyRead: true, endorsementPolicy: { signaturePolicy } },
      { ...secret, name: 'other', endorsementPolicy: { channelConfigPolicy } },
    ]);
    expect(await readCollections(file)).toMatchObject([
      { name: 'secret', maxPeerCount: 3, memberOnlyRead: true, endorsementPolicy: signaturePolicy },
      { name: 'other', endorsementPolicy: channelConfigPolicy },
    ]);
  });

  test.each([
    ['no JSON', '[', 'cannot be read'],
    ['no list', {}, 'holds no list'],
    ['no name', [{ policy: 'x' }], 'the field name must be a text'],
    [
      'a text for a number',
      [{ ...secret, blockToLive: '3' }],
      'blockToLive must be a whole number',
    ],
    ['a text for a flag', [{ ...secret, memberOnlyRead: 'yes' }], 'memberOnlyRead must be true or'],
    ['an empty policy', [{ ...secret, endorsementPolicy: {} }], 'must be a signaturePolicy, or'],
  ])('with %s is refused', async (_, content, reason) => {
    const refused = readCollections(await fileOf(content));
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(reason);
  });
});

describeWithGolden('the collections of a recorded chaincode definition', () => {
  test('have the bytes that this program makes of their file', async () => {
    const definitions = await readFile(join(goldenFolder, 'definitions.json'), 'utf8');
    const { collectionsFile } = JSON.parse(definitions) as { collectionsFile: object[] };
    const made = collectionPackage(await readCollections(await fileOf(collectionsFile)));
    expect(Buffer.from(made.serializeBinary())).toEqual(recordedCollections('probe'));
    expect(made.getConfigList()).toHaveLength(4);
  });
});

/** What the peers keep of the collections of a chaincode. */
function recordedCollections(chaincode: string): Buffer {
  const { public: namespaces } = goldenJson('expected-state.json') as {
    public: Record<string, { keyText: string; value: string }[]>;
  };
  const wanted = `namespaces/fields/${chaincode}/Collections`;
  const entry = namespaces['_lifecycle']!.find(({ keyText }) => keyText === wanted)!;
  const data = peer.lifecycle.StateData.deserializeBinary(Buffer.from(entry.value, 'hex'));
  return Buffer.from(data.getBytes_asU8());
}
