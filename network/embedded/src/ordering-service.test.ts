import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import type { Topology } from '../../topology';
import { createOrLoadCrypto } from './config/crypto-store';
import type { CryptoStore } from './config/crypto-store';
import { buildGenesisBlock } from './config/genesis';
import { BlockStore } from './order/block-store';
import { OrderingService } from './ordering-service';
import type { FollowedPeers } from './ordering-service';
import { systemClock } from './seams';
import { assetTopology } from './test-support/asset-network';

const timeoutMs = 20;
const topology: Topology = { ...assetTopology, batch: { ...assetTopology.batch, timeoutMs } };

describe('an ordering service that goes by its peers', () => {
  let folder: string;
  let crypto: CryptoStore;
  let ordering: OrderingService;
  const closing = new AbortController();
  const peers = { isIdle: jest.fn<() => boolean>(), haveAll: jest.fn<() => boolean>() };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ordering-'));
    crypto = await createOrLoadCrypto({ topology, folder });
    ordering = await start(peers);
  });

  afterEach(async () => {
    await ordering.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(followed: FollowedPeers): Promise<OrderingService> {
    const store = await BlockStore.open(join(folder, 'orderer'));
    const genesis = buildGenesisBlock({
      topology,
      mspConfigs: new Map([...crypto.organizations].map(([id, one]) => [id, one.mspConfig])),
      ordererTlsCertificatePem: crypto.orderer.tls.certificatePem,
      ordererEndpoint: { host: 'localhost', port: 7050 },
    });
    await store.append(genesis.serializeBinary());
    const signer = crypto.orderer.identity;
    const onFailure = (error: unknown): void => {
      throw error;
    };
    return new OrderingService({ store, signer, clock: systemClock, onFailure, peers: followed });
  }

  /** Any message that a Writer may send; what it says is the peers' business. */
  function message(): common.Envelope {
    const { admin } = crypto.organization('MinistryMSP');
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.MESSAGE);
    channelHeader.setChannelId(topology.channel);
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(admin.serialized);
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    envelope.setSignature(admin.sign(envelope.getPayload_asU8()));
    return envelope;
  }

  function countOf(number: number): number {
    return ordering.feed.block(number).getData()?.getDataList().length ?? 0;
  }

  test('closes a block at once while they are idle', async () => {
    peers.isIdle.mockReturnValue(true);
    peers.haveAll.mockReturnValue(true);
    expect(ordering.broadcast(message()).status).toBe(common.Status.SUCCESS);
    await ordering.feed.waitFor(1, closing.signal);
    expect(countOf(1)).toBe(1);
  });

  test('lets a block grow beyond its time until they have all blocks before', async () => {
    peers.isIdle.mockReturnValue(false);
    const timeIsUp = new Promise<void>((resolve) => {
      peers.haveAll.mockImplementation(() => {
        resolve();
        return false;
      });
    });
    ordering.broadcast(message());
    await timeIsUp;
    ordering.broadcast(message());
    expect(ordering.feed.height).toBe(1);
    peers.haveAll.mockReturnValue(true);
    ordering.peersAdvanced();
    await ordering.feed.waitFor(1, closing.signal);
    expect(countOf(1)).toBe(2);
  });

  test('closes a block after ten timeouts whatever they do', async () => {
    peers.isIdle.mockReturnValue(false);
    peers.haveAll.mockReturnValue(false);
    const startedAt = performance.now();
    ordering.broadcast(message());
    await ordering.feed.waitFor(1, closing.signal);
    expect(countOf(1)).toBe(1);
    expect(performance.now() - startedAt).toBeGreaterThan(9 * timeoutMs);
  });
});
