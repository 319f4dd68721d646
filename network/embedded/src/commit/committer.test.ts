import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';
import { topology } from '../../../topologies/minimal';
import { computeUpdate } from '../../../config-update/compute-update';
import { signatureHeader, signedEnvelope } from '../../../config-update/orderer-client';
import { setRevocationList } from '../../../config-update/revocation-list';
import { ChannelConfig } from '../config/channel-config';
import { configTransaction } from '../config/config-transaction';
import { proposeConfigUpdate } from '../config/config-update';
import { createOrLoadCrypto, type CryptoStore } from '../../../certificates/crypto-store';
import { buildGenesisBlock } from '../config/genesis';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { tipOf, writeNextBlock } from '../order/block-writer';
import { systemClock } from '../seams';
import { Ledger } from '../state/ledger';
import { BlockOrderError, Committer } from './committer';
import { buildDefinitionTransaction } from './definition-transaction.test-support';
import { ChaincodeDefinitions } from './definitions';

const CODES = peer.TxValidationCode;

let crypto: CryptoStore;
/** Of a client of AlphaMSP, and the list of its CA that revokes it. */
let leaver: { identity: SigningIdentity; listPem: string };
let genesis: common.Block;
/** Of each committer at the moment. */
let configs: ChannelConfig[];
let folder: string;
let ledgers: Ledger[];
let committers: Committer[];

beforeAll(async () => {
  const cryptoFolder = await mkdtemp(join(tmpdir(), 'committer-crypto-'));
  crypto = await createOrLoadCrypto({ topology, folder: cryptoFolder });
  const user = { name: 'leaver', type: 'client', attributes: {} } as const;
  const { identity } = await crypto.issueUser('AlphaMSP', user);
  leaver = { identity, listPem: await crypto.revoke('AlphaMSP', identity.certificatePem) };
  await rm(cryptoFolder, { recursive: true, force: true });
  genesis = buildGenesisBlock({
    topology,
    mspConfigs: new Map([...crypto.organizations].map(([id, { mspConfig }]) => [id, mspConfig])),
    ordererTlsCertificatePem: crypto.orderer.tls.certificatePem,
    ordererEndpoint: { host: 'localhost', port: 7050 },
  });
});

beforeEach(async () => {
  configs = ['a', 'b'].map(() => ChannelConfig.fromBlock(genesis));
  folder = await mkdtemp(join(tmpdir(), 'committer-'));
  ledgers = await Promise.all(['a', 'b'].map((name) => Ledger.open(join(folder, name))));
  committers = ledgers.map(
    (ledger, at) =>
      new Committer({
        ledger,
        config: () => configs[at]!,
        applyConfig: (next) => {
          configs[at] = next;
        },
      }),
  );
  await commit(genesis);
});

afterEach(async () => {
  await Promise.all(ledgers.map((ledger) => ledger.close()));
  await rm(folder, { recursive: true, force: true });
});

/** Commits on both ledgers and returns the codes, which must agree. */
async function commit(block: common.Block): Promise<readonly number[]> {
  const [one, two] = await Promise.all(committers.map((committer) => committer.commit(block)));
  expect(one?.bytes.equals(two?.bytes ?? Buffer.of())).toBe(true);
  return one?.codes ?? [];
}

function nextBlock(envelopes: common.Envelope[]): common.Block {
  const ledger = ledgers[0];
  const bytes = ledger?.blockBytes(ledger.height - 1) ?? Buffer.of();
  const tip = common.Block.deserializeBinary(bytes);
  const signer = crypto.orderer.identity;
  return writeNextBlock({ tip: tipOf(tip), batch: envelopes, signer }).block;
}

function endorsersOf(...mspIds: string[]): SigningIdentity[] {
  return mspIds.map((mspId) => crypto.peer(mspId).identity);
}

/** The block with the configuration in which a certificate is revoked. */
function revokingBlock(): common.Block {
  const config = configs[0]!;
  const { channelId } = config;
  const administrator = crypto.organization('AlphaMSP').admin;
  const original = config.config;
  const changed = common.Config.deserializeBinary(original.serializeBinary());
  setRevocationList(changed, 'AlphaMSP', leaver.listPem);
  const update = computeUpdate({
    channel: channelId,
    original: original.getChannelGroup()!,
    updated: changed.getChannelGroup()!,
  });
  const header = signatureHeader(administrator);
  const signature = new common.ConfigSignature();
  signature.setSignatureHeader(header);
  signature.setSignature(administrator.sign(Buffer.concat([header, update.serializeBinary()])));
  const content = new common.ConfigUpdateEnvelope();
  content.setConfigUpdate(update.serializeBinary());
  content.addSignatures(signature);
  const proposed = proposeConfigUpdate(
    signedEnvelope({
      channel: channelId,
      type: common.HeaderType.CONFIG_UPDATE,
      data: content.serializeBinary(),
      signer: administrator,
    }),
    config,
  );
  const signer = crypto.orderer.identity;
  return nextBlock([
    configTransaction({ channelId, content: proposed.envelope, signer, clock: systemClock }),
  ]);
}

function definition(
  parts: {
    version?: string;
    sequence?: number;
    endorsers?: SigningIdentity[];
    creator?: SigningIdentity;
  } = {},
): Promise<common.Envelope> {
  const snapshot = ledgers[0]?.snapshot();
  if (!snapshot) throw new Error('no ledger');
  return buildDefinitionTransaction(
    {
      name: 'asset',
      version: parts.version ?? '1.0',
      sequence: parts.sequence ?? 1,
      endorsementPolicy: "OR('AlphaMSP.peer')",
    },
    {
      channelId: topology.channel,
      snapshot,
      creator: parts.creator ?? crypto.organization('AlphaMSP').admin,
      endorsers: parts.endorsers ?? endorsersOf('AlphaMSP', 'BetaMSP'),
      now: new Date(0),
    },
  );
}

describe('a committer', () => {
  test('takes the genesis block as it is', () => {
    expect(ledgers.map(({ height }) => height)).toEqual([1, 1]);
  });

  test('commits a chaincode definition that a majority endorsed', async () => {
    expect(await commit(nextBlock([await definition()]))).toEqual([CODES.VALID]);
    const found = ledgers.map((ledger) => new ChaincodeDefinitions().find(ledger.state, 'asset'));
    for (const one of found) expect(one).toMatchObject({ sequence: 1, version: '1.0' });
    const [ledger] = ledgers;
    expect(ledger && (await new ChaincodeDefinitions().names(ledger.state))).toEqual(['asset']);
    expect(ledger?.commitHash).toHaveLength(32);
  });

  test('refuses a definition that too few endorsed', async () => {
    const lonely = await definition({ endorsers: endorsersOf('AlphaMSP') });
    expect(await commit(nextBlock([lonely]))).toEqual([CODES.ENDORSEMENT_POLICY_FAILURE]);
    expect(ledgers[0] && new ChaincodeDefinitions().find(ledgers[0].state, 'asset')).toBe(
      undefined,
    );
  });

  test('refuses a definition made from a state that another has changed', async () => {
    const both = [await definition(), await definition({ version: '2.0' })];
    expect(await commit(nextBlock(both))).toEqual([CODES.VALID, CODES.MVCC_READ_CONFLICT]);
  });

  test('commits an upgrade', async () => {
    await commit(nextBlock([await definition()]));
    const upgrade = await definition({ version: '2.0', sequence: 2 });
    expect(await commit(nextBlock([upgrade]))).toEqual([CODES.VALID]);
    const found = ledgers[0] && new ChaincodeDefinitions().find(ledgers[0].state, 'asset');
    expect(found).toMatchObject({ sequence: 2, version: '2.0' });
  });

  test('refuses a transaction of a creator whom the block before has revoked', async () => {
    const { identity: creator } = leaver;
    const before = await definition({ creator });
    expect(await commit(nextBlock([before]))).toEqual([CODES.VALID]);
    const between = await definition({ creator, version: '2.0', sequence: 2 });
    expect(await commit(revokingBlock())).toEqual([CODES.VALID]);
    expect(configs.map(({ sequence }) => sequence)).toEqual([1, 1]);
    const after = await definition({ creator, version: '2.0', sequence: 2 });
    const others = await definition({ version: '2.0', sequence: 2 });
    expect(await commit(nextBlock([between, after, others]))).toEqual([
      CODES.BAD_CREATOR_SIGNATURE,
      CODES.BAD_CREATOR_SIGNATURE,
      CODES.VALID,
    ]);
  });

  test('refuses a transaction id that the ledger or the block already has', async () => {
    const envelope = await definition();
    expect(await commit(nextBlock([envelope, envelope]))).toEqual([
      CODES.VALID,
      CODES.DUPLICATE_TXID,
    ]);
    expect(await commit(nextBlock([envelope]))).toEqual([CODES.DUPLICATE_TXID]);
  });

  test('refuses a changed signature, a changed payload and garbage', async () => {
    const unsigned = await definition();
    unsigned.setSignature(Buffer.of(1, 2, 3));
    const changed = await definition();
    changed.setPayload(Buffer.concat([changed.getPayload_asU8(), Buffer.of(0x1a, 0)]));
    const garbage = new common.Envelope();
    garbage.setPayload(Buffer.of(0xff, 0xff));
    const nothing = new common.Envelope();
    expect(await commit(nextBlock([unsigned, changed, garbage, nothing]))).toEqual([
      CODES.BAD_CREATOR_SIGNATURE,
      CODES.BAD_CREATOR_SIGNATURE,
      CODES.BAD_PAYLOAD,
      CODES.BAD_COMMON_HEADER,
    ]);
  });

  test('takes only the next block of the chain', async () => {
    const block = nextBlock([]);
    await commit(block);
    await expect(committers[0]?.commit(block)).rejects.toThrow(BlockOrderError);
    const stranger = nextBlock([]);
    stranger.getHeader()?.setPreviousHash(Buffer.alloc(32));
    await expect(committers[0]?.commit(stranger)).rejects.toThrow(BlockOrderError);
    expect(ledgers[0]?.height).toBe(2);
  });

  test('carries out calls one after the other', async () => {
    const first = nextBlock([await definition()]);
    const second = writeNextBlock({
      tip: tipOf(first),
      batch: [],
      signer: crypto.orderer.identity,
    }).block;
    const committed = await Promise.all([
      committers[0]?.commit(first),
      committers[0]?.commit(second),
    ]);
    expect(committed.map((one) => one?.number)).toEqual([1, 2]);
  });
});
