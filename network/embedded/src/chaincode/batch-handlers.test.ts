import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../topology';
import { RogueChaincode, completed, messageFor } from '../fuzz/rogue-chaincode.test-support';
import type { CollectionDirectory } from '../state/collections';
import { Ledger } from '../state/ledger';
import type { CommitBatch } from '../state/ledger';
import { nextBatch } from '../state/ledger-blocks.test-support';
import { decodeRwset, type NamespaceRwset } from '../state/rwset';
import { hashedKey } from '../state/rwset-builder';
import { TxSimulator } from '../state/simulator';
import { privateNamespace } from '../state/versioned-value';
import { freePort } from '../../../machine/free-port';
import { ChaincodeHost } from './chaincode-host';

// The requests that chaincodes of 3.1 may make (Fabric: core/chaincode/handler.go).

const packageId = 'batches:0000';
const channelId = 'test';
const TYPE = peer.ChaincodeMessage.Type;
const WRITE = peer.WriteRecord.Type;

/** One collection, `drawer`, that everybody is a member of. */
const collections: CollectionDirectory = {
  find: (_state, { collection }) =>
    collection === 'drawer' ? new peer.StaticCollectionConfig() : undefined,
  isDefined: (_state, { collection }) => collection === 'drawer',
  isMember: () => true,
};

let folder: string;
let ledger: Ledger;
let rogue: RogueChaincode;
const hosts = new Map<Compat, ChaincodeHost>();
let transactions = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batch-handlers-'));
  ledger = await Ledger.open(join(folder, 'ledger'));
  const updates = [
    row('rogue', 'a', '1'),
    row('rogue', 'c', '3'),
    row(privateNamespace('rogue', 'drawer'), 'p', 'secret'),
  ];
  await ledger.commit({ ...nextBatch(ledger), updates });
  const port = await freePort();
  rogue = await RogueChaincode.listen(port, packageId);
  for (const compat of ['2.5', '3.1'] as const) {
    const address = `127.0.0.1:${String(port)}`;
    hosts.set(compat, new ChaincodeHost({ packageId, address, compat }));
  }
});

afterAll(async () => {
  await Promise.all([...hosts.values()].map((host) => host.close()));
  rogue.close();
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

function row(namespace: string, key: string, value: string): CommitBatch['updates'][number] {
  const version = { blockNumber: 0, txNumber: 0 };
  return { namespace, key, entry: { value: Buffer.from(value), version, metadata: Buffer.of() } };
}

interface Asked {
  /** What the peer answered to the request: its bytes, or the text of the ERROR. */
  readonly answer: Uint8Array;
  readonly sets: readonly NamespaceRwset[];
}

/** A transaction in which the chaincode makes one request. */
async function ask(type: number, request: Message, compat: Compat = '3.1'): Promise<Asked> {
  const txId = `tx${String((transactions += 1))}`;
  let answer: Uint8Array = Buffer.of();
  rogue.scripts.set(txId, (one) => [messageFor(one, type, request.serializeBinary())]);
  rogue.replies.set(txId, (one) => {
    answer = one.getPayload_asU8();
    return [completed(one)];
  });
  const simulator = new TxSimulator({ snapshot: ledger.snapshot(), channelId, txId, collections });
  try {
    await hosts.get(compat)!.invoke({
      ...{ channelId, txId, simulator },
      definition: { name: 'rogue', version: '1', initRequired: false },
      input: new peer.ChaincodeInput().serializeBinary(),
      signedProposal: new peer.SignedProposal(),
    });
    return { answer, sets: decodeRwset(simulator.results().rwset) };
  } finally {
    await simulator.done();
  }
}

interface Message {
  serializeBinary(): Uint8Array;
}

function keysOf(collection: string, ...keys: string[]): peer.GetStateMultiple {
  const request = new peer.GetStateMultiple();
  request.setCollection(collection);
  request.setKeysList(keys);
  return request;
}

function valuesIn({ answer }: Asked): string[] {
  const values = peer.GetStateMultipleResult.deserializeBinary(answer).getValuesList_asU8();
  return values.map((value) => Buffer.from(value).toString());
}

type Write = readonly [type: number, key: string, collection?: string];

function batchOf(...writes: readonly Write[]): peer.WriteBatchState {
  const batch = new peer.WriteBatchState();
  for (const [type, key, collection = ''] of writes) {
    const metadata = new peer.StateMetadata();
    metadata.setMetakey('VALIDATION_PARAMETER');
    metadata.setValue(Buffer.from('policy'));
    const record = new peer.WriteRecord();
    record.setType(type as peer.WriteRecord.TypeMap[keyof peer.WriteRecord.TypeMap]);
    record.setKey(key);
    record.setValue(Buffer.from('new'));
    record.setCollection(collection);
    record.setMetadata(metadata);
    batch.addRec(record);
  }
  return batch;
}

describe('a peer of 3.1', () => {
  test('tells its chaincodes that it takes batches of 1000', async () => {
    await ask(TYPE.WRITE_BATCH_STATE, batchOf());
    const offered = peer.ChaincodeAdditionalParams.deserializeBinary(rogue.readyPayload);
    expect(offered.toObject()).toEqual({
      useWriteBatch: true,
      maxSizeWriteBatch: 1000,
      useGetMultipleKeys: true,
      maxSizeGetMultipleKeys: 1000,
    });
  });

  test('gives the values of several keys, empty where there is none, and notes every read', async () => {
    const asked = await ask(TYPE.GET_STATE_MULTIPLE, keysOf('', 'c', 'absent', 'a'));
    expect(valuesIn(asked)).toEqual(['3', '', '1']);
    const version = { blockNumber: 0, txNumber: 0 };
    expect(asked.sets).toMatchObject([
      {
        namespace: 'rogue',
        reads: [{ key: 'a', version }, { key: 'absent' }, { key: 'c', version }],
      },
    ]);
  });

  test('gives several private values, whatever the ledger says of them', async () => {
    const asked = await ask(TYPE.GET_STATE_MULTIPLE, keysOf('drawer', 'absent', 'p'));
    expect(valuesIn(asked)).toEqual(['', 'secret']);
    const reads = asked.sets.find(({ namespace }) => namespace === 'rogue')?.collections[0]?.reads;
    expect(reads?.map(({ key }) => key).sort()).toEqual(['absent', 'p'].map(hashedKey).sort());
  });

  test('takes writes of every kind at once', async () => {
    const { answer, sets } = await ask(
      TYPE.WRITE_BATCH_STATE,
      batchOf(
        [WRITE.PUT_STATE, 'x'],
        [WRITE.DEL_STATE, 'a'],
        [WRITE.PUT_STATE_METADATA, 'x'],
        [WRITE.PUT_STATE, 'p', 'drawer'],
        [WRITE.PURGE_PRIVATE_DATA, 'q', 'drawer'],
      ),
    );
    expect(Buffer.from(answer).toString()).toBe('');
    expect(sets.find(({ namespace }) => namespace === 'rogue')).toMatchObject({
      writes: [
        { key: 'a', isDelete: true },
        { key: 'x', isDelete: false, value: Buffer.from('new') },
      ],
      metadataWrites: [{ key: 'x' }],
    });
  });

  test.each<[string, peer.WriteBatchState, string]>([
    ['an unknown kind', batchOf([WRITE.PUT_STATE, 'x'], [77, 'y']), 'unknown operation type'],
    [
      'a purge of public data',
      batchOf([WRITE.PURGE_PRIVATE_DATA, 'x']),
      'only applicable for private data',
    ],
    [
      'a collection that is not defined',
      batchOf([WRITE.PUT_STATE, 'x', 'cupboard']),
      'collection test/rogue/cupboard could not be found',
    ],
  ])('refuses a batch with %s', async (_what, batch, reason) => {
    const { answer } = await ask(TYPE.WRITE_BATCH_STATE, batch);
    expect(Buffer.from(answer).toString()).toBe(
      `WRITE_BATCH_STATE failed: transaction ID: tx${String(transactions)}: ${reason}`,
    );
  });
});

describe('a peer of 2.5', () => {
  test('offers nothing, and ends a stream with such a request', async () => {
    await ask(TYPE.GET_STATE, new peer.GetState(), '2.5');
    expect(rogue.readyPayload).toHaveLength(0);
    for (const type of [TYPE.WRITE_BATCH_STATE, TYPE.GET_STATE_MULTIPLE]) {
      await expect(ask(type, keysOf('', 'a'), '2.5')).rejects.toThrow('stream terminated');
    }
  });
});
