import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import type { ledger } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import { startAssetNetwork } from '../test-support/asset-network';
import { recordedTopology } from './behaviours.test-support';
import { RawClients } from './raw-clients.test-support';
import { newProposal, rwsetOf } from './raw-transaction.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

type RangeInfo = ledger.rwset.kvrwset.RangeQueryInfo.AsObject;

let clients: RawClients;
let tashi: SigningIdentity;

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology: recordedTopology }));
  tashi = await clients.user('tashi');
  await commit('put', 's1', 'one');
  await commit('putMany', 'm', '250');
});

afterAll(async () => {
  clients.close();
  await clients.network.close();
});

async function run(...args: string[]): Promise<peer.ProposalResponse> {
  return clients.propose('MinistryMSP', newProposal({ creator: tashi, args }).signed);
}

async function resultOf(...args: string[]): Promise<string> {
  const response = (await run(...args)).getResponse()!;
  expect([response.getStatus(), response.getMessage()]).toEqual([200, '']);
  return Buffer.from(response.getPayload_asU8()).toString();
}

async function errorOf(...args: string[]): Promise<string> {
  const { txId, signed } = newProposal({ creator: tashi, args });
  const response = (await clients.propose('MinistryMSP', signed)).getResponse()!;
  expect(response.getStatus()).toBe(500);
  return response.getMessage().replaceAll(txId, '<TXID>');
}

async function commit(...args: string[]): Promise<void> {
  expect(await clients.codesOf(await clients.forged({ creator: tashi, args }))).toEqual([0]);
}

async function rangesOf(...args: string[]): Promise<RangeInfo[]> {
  return rwsetOf(await run(...args))['asset']!.rangeQueriesInfoList;
}

describe('a transaction does not see its own', () => {
  test('19a, 19b: write or delete of a key', async () => {
    expect(await resultOf('putThenGet', 's1', 'two')).toBe('one');
    expect(await resultOf('delThenGet', 's1')).toBe('one');
  });

  test('19c: write in a range', async () => {
    expect(await resultOf('putThenRange', 's0', 'n', 's', 't')).toBe('[["s1","one"]]');
  });
});

describe('read and write sets', () => {
  test('19d: keep the last write of a key, and the sequence of the definition', async () => {
    const sets = rwsetOf(await run('putTwice', 's2', 'a', 'b'));
    expect(Object.keys(sets)).toEqual(['_lifecycle', 'asset']);
    expect(sets['_lifecycle']).toMatchObject({
      // Approvals may share the block with the definition, so its place there is not known.
      readsList: [
        { key: 'namespaces/fields/asset/Sequence', version: { txNum: expect.any(Number) } },
      ],
      writesList: [],
    });
    expect(sets['asset']).toMatchObject({
      readsList: [],
      writesList: [{ key: 's2', isDelete: false, value: 'Yg==' }],
    });
  });

  test('20, 20b: have a read without version for a key that is missing', async () => {
    expect(await resultOf('length', 'nokey')).toBe('0');
    const { readsList } = rwsetOf(await run('get', 'nokey'))['asset']!;
    expect(readsList).toEqual([{ key: 'nokey', version: undefined }]);
  });

  test('20c: may have the empty key', async () => {
    await resultOf('put', '', 'x');
    expect(await resultOf('get', '')).toBe('');
  });

  test('21: have a delete for an empty value', async () => {
    await commit('put', 'gone', 'x');
    const { writesList } = rwsetOf(await run('put', 'gone', ''))['asset']!;
    expect(writesList).toEqual([{ key: 'gone', isDelete: true, value: '' }]);
    await commit('put', 'gone', '');
    expect(await resultOf('length', 'gone')).toBe('0');
    expect(await resultOf('range', 'gone', 'gonf')).toBe('[]');
  });
});

describe('a range', () => {
  test('22, 22b: has its start and not its end, and leaves its rows in the read set', async () => {
    expect(await resultOf('range', 'm0002', 'm0005')).toBe(
      '[["m0002","v"],["m0003","v"],["m0004","v"]]',
    );
    const [range] = await rangesOf('range', 'm0002', 'm0005');
    expect(range).toMatchObject({ startKey: 'm0002', endKey: 'm0005', itrExhausted: true });
    expect(range?.rawReads?.kvReadsList.map(({ key }) => key)).toEqual(['m0002', 'm0003', 'm0004']);
  });

  test('22c: that the chaincode leaves early counts as far as the peer has read', async () => {
    const [range] = await rangesOf('rangeFirst', 'm0000', 'm0009', '2', 'w');
    expect(range).toMatchObject({ endKey: 'm0009', itrExhausted: true });
    expect(range?.rawReads?.kvReadsList).toHaveLength(9);
  });

  test('22d: that ends before it starts is empty', async () => {
    expect(await resultOf('range', 'm0005', 'm0002')).toBe('[]');
  });

  test('23, 23b: without a start leaves out composite keys, and cannot begin there', async () => {
    await commit('putComposite', 'hidden', '["a"]', 'v');
    const found = JSON.parse(await resultOf('range', '', '')) as [string, string][];
    const keys = found.map(([key]) => key);
    expect(keys.length).toBeGreaterThan(250);
    expect(keys.every((key) => !key.startsWith('\0'))).toBe(true);
    expect(await errorOf('range', '\0t', 'z')).toBe(
      'first character of the key [\0t] contains a null character which is not allowed',
    );
  });

  test('25: of 250 rows comes whole', async () => {
    expect(JSON.parse(await resultOf('range', 'm', 'n'))).toHaveLength(250);
  });

  test.each([
    [50, undefined],
    [51, { maxLevel: 1, hashes: 1 }],
    [52, { maxLevel: 1, hashes: 2 }],
    [100, { maxLevel: 1, hashes: 2 }],
    [101, { maxLevel: 1, hashes: 2 }],
    [102, { maxLevel: 1, hashes: 2 }],
    [250, { maxLevel: 1, hashes: 5 }],
  ])('25b: of %d rows is summarized above 50', async (rows, summary) => {
    const end = `m${String(rows).padStart(4, '0')}`;
    const [range] = await rangesOf('rangePut', 'm0000', end, 'w');
    expect(range).toMatchObject({ startKey: 'm0000', endKey: end, itrExhausted: true });
    const merkle = range?.readsMerkleHashes;
    const found = merkle && {
      maxLevel: merkle.maxLevel,
      hashes: merkle.maxLevelHashesList.length,
    };
    expect(found).toEqual(summary);
    if (!summary) expect(range?.rawReads?.kvReadsList).toHaveLength(rows);
  });
});

describe('composite keys', () => {
  test('24a: come in the order of their bytes', async () => {
    const inserted = ['a', 'b', 'é', '€', '\ue000', '\uffee', '😀', '𐀀', 'z', 'A', '~'];
    for (const one of inserted) {
      await commit('putComposite', 'ord', JSON.stringify(['p', one]), 'v');
    }
    await commit('putComposite', 'ord', '["pp","x"]', 'v');
    const found = JSON.parse(await resultOf('partial', 'ord', '["p"]')) as string[][];
    expect(found.map(([, last]) => last)).toEqual([
      ...['A', 'a', 'b', 'z', '~', 'é', '€', '\ue000', '\uffee', '𐀀', '😀'],
    ]);
    expect(JSON.parse(await resultOf('partial', 'ord', '[]'))).toHaveLength(12);
    expect(await resultOf('partial', 'ord', '["pp"]')).toBe('[["pp","x"]]');
    expect(await resultOf('partial', 'ord', '["none"]')).toBe('[]');
  });
});

describe('pages', () => {
  test('26: go on at the bookmark, which is the next key, and end with none', async () => {
    const page = async (bookmark: string) =>
      JSON.parse(await resultOf('page', 'm0000', 'm0005', '2', bookmark)) as {
        rows: string[][];
        bookmark: string;
      };
    const first = await page('');
    expect(first).toEqual({
      rows: [
        ['m0000', 'v'],
        ['m0001', 'v'],
      ],
      bookmark: 'm0002',
    });
    expect((await page('m0002')).bookmark).toBe('m0004');
    expect(await page('m0004')).toEqual({ rows: [['m0004', 'v']], bookmark: '' });
  });

  test('27, 28: and writes exclude each other', async () => {
    expect(await errorOf('pageThenPut')).toBe(
      'PUT_STATE failed: transaction ID: <TXID>: txid [<TXID>]: unsuppored transaction. ' +
        'Transaction has already performed a paginated query. Writes are not allowed',
    );
    expect(await errorOf('putThenPage')).toBe(
      'GET_STATE_BY_RANGE failed: transaction ID: <TXID>: txid [<TXID>]: unsuppored ' +
        'transaction. Paginated queries are supported only in a read-only transaction',
    );
  });

  test('29: of rich queries there are none, nor rich queries', async () => {
    expect(await errorOf('rich')).toBe(
      'GET_QUERY_RESULT failed: transaction ID: <TXID>: ExecuteQuery not supported for leveldb',
    );
    expect(await errorOf('richPage')).toBe(
      'GET_QUERY_RESULT failed: transaction ID: <TXID>: ' +
        'ExecuteQueryWithMetadata not supported for leveldb',
    );
  });
});

describe('the history of a key', () => {
  test('30: is newest first, with deletes, and of valid transactions only', async () => {
    await commit('put', 'h', '1');
    await commit('put', 'h', '2');
    const invalid = await clients.forged({ creator: tashi, args: ['put', 'h', 'x'] }, []);
    expect(await clients.codesOf(invalid)).toEqual([10]);
    await commit('del', 'h');
    const found = JSON.parse(await resultOf('history', 'h')) as object[];
    expect(found).toMatchObject([
      { isDelete: true, value: '' },
      { isDelete: false, value: '2' },
      { isDelete: false, value: '1' },
    ]);
  });
});

describe('the policy of a key', () => {
  const policy = Buffer.from(parsePolicy("OutOf(1, 'VendorMSP.peer')").serializeBinary());
  const text = policy.toString('base64');

  test('31: is read as it was written, and adds to the read and write sets', async () => {
    await commit('putSetPolicy', 'kp0', 'v', text);
    expect(await resultOf('getPolicy', 'kp0')).toBe(text);
    expect(await resultOf('getPolicy', 's1')).toBe('');
    const reading = rwsetOf(await run('getPolicy', 'kp0'))['asset']!;
    expect(reading.readsList.map(({ key }) => key)).toEqual(['kp0']);
    const writing = rwsetOf(await run('putSetPolicy', 'kp9', 'v', text))['asset']!;
    expect(writing).toMatchObject({
      readsList: [],
      writesList: [{ key: 'kp9' }],
      metadataWritesList: [
        { key: 'kp9', entriesList: [{ name: 'VALIDATION_PARAMETER', value: text }] },
      ],
    });
  });

  test('31b: of a key that is not there comes to nothing', async () => {
    await commit('setPolicy', 'nobody', text);
    expect(await resultOf('length', 'nobody')).toBe('0');
    expect(await resultOf('getPolicy', 'nobody')).toBe('');
  });
});

describe('a call of another chaincode', () => {
  test('32: adds to the same read and write sets', async () => {
    const sets = rwsetOf(await run('callPut', 'x1', 'majority', '["put","y1","v"]'));
    expect(Object.keys(sets)).toEqual(['_lifecycle', 'asset', 'majority']);
    expect(sets['_lifecycle']!.readsList.map(({ key }) => key)).toEqual([
      'namespaces/fields/asset/Sequence',
      'namespaces/fields/majority/Sequence',
    ]);
    expect(sets['majority']!.writesList).toMatchObject([{ key: 'y1' }]);
  });

  test('33: that fails is answered, not thrown', async () => {
    expect(JSON.parse(await resultOf('call', 'majority', '["fail","boom"]'))).toEqual({
      status: 500,
      message: 'boom',
      payload: '',
    });
  });

  test('32c: that nobody knows fails', async () => {
    expect(await errorOf('call', 'ghost', '["get","a"]')).toBe(
      'INVOKE_CHAINCODE failed: transaction ID: <TXID>: execute failed: invalid invocation: ' +
        '[channel procurement] failed to get chaincode container info for ghost: ' +
        'chaincode ghost not found',
    );
  });

  test('34: that is itself fails', async () => {
    expect(await errorOf('call', 'asset', '["get","a"]')).toBe(
      'INVOKE_CHAINCODE failed: transaction ID: <TXID>: execute failed: error sending: ' +
        'txid: <TXID>(procurement) exists',
    );
  });

  test('35: drops the event of the callee and keeps that of the caller', async () => {
    const eventOf = (answer: peer.ProposalResponse) => {
      const payload = peer.ProposalResponsePayload.deserializeBinary(answer.getPayload_asU8());
      const action = peer.ChaincodeAction.deserializeBinary(payload.getExtension_asU8());
      return peer.ChaincodeEvent.deserializeBinary(action.getEvents_asU8()).getEventName();
    };
    expect(eventOf(await run('call', 'majority', '["event","inner","p"]'))).toBe('');
    expect(eventOf(await run('callPut', 'x', 'majority', '["event","inner","p"]'))).toBe('caller');
    // 36: of two events of one chaincode the last counts.
    expect(eventOf(await run('twoEvents', 'first', 'last'))).toBe('last');
  });
});
