import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import type { MspIdentity } from '../identity/msp';
import { silentLog } from '../seams';
import type { CollectionDirectory } from '../state/collections';
import { Ledger } from '../state/ledger';
import { encodePrivateWrites, type PrivateWriteSet } from '../state/private-rwset';
import type { TransientEntry } from '../state/transient-store';
import { Distributor } from './distribution';
import type { PrivatePeer } from './private-source';

const rwset = encodePrivateWrites({
  writes: [{ key: 'k', value: Buffer.from('v'), isDelete: false }],
  metadataKeys: [],
});
const sets: PrivateWriteSet[] = [{ namespace: 'asset', collection: 'c', rwset }];

let folder: string;
let ledger: Ledger;
let received: Map<string, TransientEntry[]>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'distribution-'));
  ledger = await Ledger.open(folder);
  received = new Map();
});

afterEach(async () => {
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

/** A peer that is a member, or not. */
function peerOf(mspId: string, options: { member?: boolean; broken?: boolean } = {}): PrivatePeer {
  const identity: Partial<MspIdentity> = { mspId, satisfies: () => options.member ?? true };
  return {
    mspId,
    identity: identity as MspIdentity,
    receivePrivate(entry) {
      if (options.broken === true) return Promise.reject(new Error('its disk is full'));
      received.set(mspId, [...(received.get(mspId) ?? []), entry]);
      return Promise.resolve();
    },
    supplyPrivate: () => Promise.resolve(undefined),
  };
}

function distribute(
  counts: { required: number; max: number },
  others: readonly PrivatePeer[],
): Promise<void> {
  const config = new peer.StaticCollectionConfig();
  config.setName('c');
  config.setRequiredPeerCount(counts.required);
  config.setMaximumPeerCount(counts.max);
  const policy = new peer.CollectionPolicyConfig();
  policy.setSignaturePolicy(parsePolicy("OR('A.member', 'B.member', 'C.member')"));
  config.setMemberOrgsPolicy(policy);
  const collections: CollectionDirectory = {
    find: () => config,
    isDefined: () => true,
    isMember: () => true,
  };
  const distributor = new Distributor({
    collections,
    transient: ledger.transient,
    others: () => others,
    log: silentLog,
  });
  const { state } = ledger;
  return distributor.distribute({ channelId: 'ch', txId: 't1', state, height: 3, sets });
}

describe('the distribution of private data', () => {
  test('gives them to members only, and keeps them until the commit', async () => {
    await distribute({ required: 0, max: 3 }, [peerOf('A'), peerOf('B', { member: false })]);
    expect([...received]).toEqual([['A', [{ txId: 't1', endorsedAt: 3, sets }]]]);
    const kept = await ledger.transient.setsOf('t1');
    expect(kept.map((set) => ({ ...set, rwset: Buffer.from(set.rwset).toString('hex') }))).toEqual([
      { namespace: 'asset', collection: 'c', rwset: Buffer.from(rwset).toString('hex') },
    ]);
  });

  test('ends at the greatest number of peers', async () => {
    await distribute({ required: 1, max: 2 }, [peerOf('A'), peerOf('B'), peerOf('C')]);
    expect([...received.keys()]).toEqual(['A', 'B']);
  });

  test('may go to nobody', async () => {
    await distribute({ required: 0, max: 0 }, [peerOf('A')]);
    expect([...received.keys()]).toEqual([]);
    expect(await ledger.transient.setsOf('t1')).toHaveLength(1);
  });

  test('fails when a peer that is required does not take them', async () => {
    const others = [peerOf('A', { broken: true }), peerOf('B')];
    await expect(distribute({ required: 1, max: 2 }, others)).rejects.toThrow(
      'failed to distribute private collection, txID t1, channel ch: ' +
        'Failed disseminating 1 out of 2 private dissemination plans',
    );
    expect(await ledger.transient.setsOf('t1')).toEqual([]);
  });

  test('goes on when a peer that is not required does not take them', async () => {
    await distribute({ required: 1, max: 2 }, [peerOf('A'), peerOf('B', { broken: true })]);
    expect([...received.keys()]).toEqual(['A']);
  });

  test('fails when there are too few members', async () => {
    await expect(distribute({ required: 2, max: 2 }, [peerOf('A')])).rejects.toThrow(
      'could not build private data dissemination plan for chaincode asset and collection c: ' +
        'required to disseminate to at least 2 peers, but know of only 1 eligible peers',
    );
  });
});

describe('the transient store', () => {
  test('forgets transactions, and what was endorsed below a height', async () => {
    const { transient } = ledger;
    await transient.persist({ txId: 'old', endorsedAt: 3, sets });
    await transient.persist({ txId: 'old', endorsedAt: 3, sets });
    await transient.persist({ txId: 'new', endorsedAt: 9, sets });
    expect(await transient.setsOf('old')).toHaveLength(1);
    await ledger.amend({ updates: [], operations: await transient.forgetBelow(9) });
    expect(await transient.setsOf('old')).toEqual([]);
    expect(await transient.setsOf('new')).toHaveLength(1);
    await ledger.amend({ updates: [], operations: await transient.forget(['new', 'none']) });
    expect(await transient.setsOf('new')).toEqual([]);
  });
});
