import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { common, msp, orderer } from '@hyperledger/fabric-protos';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withPorts } from '../../../topology';
import { topology as procurement } from '../../../topologies/procurement';
import { MspError } from '../identity/msp';
import { describeWithGolden, goldenGenesis } from '../test-support/golden';
import { ChannelConfig, ChannelConfigError } from './channel-config';
import { createOrLoadCrypto } from '../../../certificates/crypto-store';
import type { CryptoStore } from '../../../certificates/crypto-store';
import { buildGenesisBlock } from './genesis';

let store: CryptoStore;
let block: common.Block;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'genesis-'));
  store = await createOrLoadCrypto({ topology: procurement, folder });
  await rm(folder, { recursive: true, force: true });
  block = buildGenesisBlock(partsFor(store));
});

function partsFor(crypto: CryptoStore): Parameters<typeof buildGenesisBlock>[0] {
  return {
    topology: procurement,
    mspConfigs: new Map([...crypto.organizations].map(([id, one]) => [id, one.mspConfig])),
    ordererTlsCertificatePem: crypto.orderer.tls.certificatePem,
    ordererEndpoint: { host: 'localhost', port: 7050 },
  };
}

/** The names, versions, modification policies and policies of a configuration, without bytes. */
function outline(group: common.ConfigGroup): unknown {
  const entries = <T>(map: {
    forEach(f: (value: T, key: string) => void): void;
  }): [string, T][] => {
    const found: [string, T][] = [];
    map.forEach((value, key) => found.push([key, value]));
    return found;
  };
  return {
    version: group.getVersion(),
    modPolicy: group.getModPolicy(),
    values: entries(group.getValuesMap()).map(([name, value]) => [name, value.getModPolicy()]),
    policies: entries(group.getPoliciesMap()).map(([name, policy]) => [
      name,
      policy.getModPolicy(),
      describePolicy(policy.getPolicy()!),
    ]),
    groups: entries(group.getGroupsMap()).map(([name, child]) => [name, outline(child)]),
  };
}

function describePolicy(policy: common.Policy): unknown {
  return policy.getType() === common.Policy.PolicyType.IMPLICIT_META
    ? common.ImplicitMetaPolicy.deserializeBinary(policy.getValue_asU8()).toObject()
    : common.SignaturePolicyEnvelope.deserializeBinary(policy.getValue_asU8()).toObject();
}

function configOf(from: common.Block): common.Config {
  const envelope = common.Envelope.deserializeBinary(from.getData()!.getDataList_asU8()[0]!);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  return common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()!;
}

function groupAt(from: common.Block, ...path: string[]): common.ConfigGroup {
  return path.reduce(
    (group, name) => group.getGroupsMap().get(name)!,
    configOf(from).getChannelGroup()!,
  );
}

function valueAt(from: common.Block, path: string[], name: string): Uint8Array {
  return groupAt(from, ...path)
    .getValuesMap()
    .get(name)!
    .getValue_asU8();
}

describe('the genesis block', () => {
  test('is read back as the configuration that it was made from', () => {
    const config = ChannelConfig.fromBlock(common.Block.deserializeBinary(block.serializeBinary()));
    expect(config.channelId).toBe('procurement');
    expect(config.sequence).toBe(0);
    // Whether an idle orderer cuts at once is its own setting, and not the channel's.
    expect({ ...config.batch, cutWhenIdle: true }).toEqual(procurement.batch);
    expect(config.organizations).toEqual(['AuditorMSP', 'MinistryMSP', 'VendorMSP']);
    expect([...config.msps.mspIds].sort()).toEqual(config.organizations);
    expect(config.ordererEndpoints).toEqual(
      new Map([['AuditorMSP', [{ host: 'localhost', port: 7050 }]]]),
    );
    expect(config.mspConfigs.get('VendorMSP')!.getFabricNodeOus()!.getEnable()).toBe(true);
  });

  test('is a block 0 of one CONFIG transaction whose hashes hold', () => {
    const header = block.getHeader()!;
    const bytes = block.getData()!.getDataList_asU8();
    expect(header.getNumber()).toBe(0);
    expect(header.getPreviousHash_asU8()).toHaveLength(0);
    expect(Buffer.from(header.getDataHash_asU8())).toEqual(
      createHash('sha256').update(bytes[0]!).digest(),
    );
    const slots = block.getMetadata()!.getMetadataList_asU8();
    expect(slots.map((slot) => slot.length)).toEqual([4, 0, 1, 0, 0]);
  });

  test('knows every identity of the crypto store, in its role', () => {
    const { msps, policies } = ChannelConfig.fromBlock(block);
    const identities = (id: Buffer) => [msps.deserialize(id)];
    for (const { mspId, admin } of store.organizations.values()) {
      const peer = store.peer(mspId);
      expect(
        policies.satisfied('/Channel/Application/Readers', identities(peer.identity.serialized)),
      ).toBe(true);
      expect(
        policies.satisfied('/Channel/Application/Writers', identities(peer.identity.serialized)),
      ).toBe(false);
      expect(policies.satisfied('/Channel/Writers', identities(peer.identity.serialized))).toBe(
        false,
      );
      expect(policies.satisfied('/Channel/Writers', identities(admin.serialized))).toBe(true);
    }
    const ordering = identities(store.orderer.identity.serialized);
    expect(policies.satisfied('/Channel/Orderer/BlockValidation', ordering)).toBe(true);
    expect(policies.satisfied('/Channel/Application/Readers', ordering)).toBe(false);
    const client = identities(store.organization('AuditorMSP').admin.serialized);
    expect(policies.satisfied('/Channel/Application/Admins', client)).toBe(false);
  });

  test('has no anchor peers where ports are chosen at the start', () => {
    const parts = { ...partsFor(store), topology: withPorts(procurement, 0) };
    const values = groupAt(buildGenesisBlock(parts), 'Application', 'VendorMSP').getValuesMap();
    expect(values.has('AnchorPeers')).toBe(false);
  });

  test('has the revocation lists that the folders hold, and its channel goes by them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'genesis-'));
    const user = { name: 'leaver', type: 'client', attributes: {} } as const;
    const first = await createOrLoadCrypto({ topology: procurement, folder });
    const { identity } = await first.issueUser('VendorMSP', user);
    await first.revoke('VendorMSP', identity.certificatePem);
    const again = await createOrLoadCrypto({ topology: procurement, folder });
    await rm(folder, { recursive: true, force: true });
    const { mspConfigs, msps } = ChannelConfig.fromBlock(buildGenesisBlock(partsFor(again)));
    expect(mspConfigs.get('VendorMSP')?.getRevocationListList()).toHaveLength(1);
    const revoked = msps.deserialize(identity.serialized);
    expect(() => {
      msps.validate(revoked);
    }).toThrow(MspError);
    const peer = msps.deserialize(again.peer('VendorMSP').identity.serialized);
    expect(() => {
      msps.validate(peer);
    }).not.toThrow();
  });

  test('is refused without the MSP of a member', () => {
    const parts = { ...partsFor(store), mspConfigs: new Map<string, msp.MSPConfig>() };
    expect(() => buildGenesisBlock(parts)).toThrow(/MSP/);
  });
});

describe('a channel configuration', () => {
  test('is refused from a block without a CONFIG transaction', () => {
    expect(() => ChannelConfig.fromBlock(new common.Block())).toThrow(ChannelConfigError);
    const broken = common.Block.deserializeBinary(block.serializeBinary());
    broken.getData()!.setDataList([Buffer.from('no envelope')]);
    expect(() => ChannelConfig.fromBlock(broken)).toThrow(ChannelConfigError);
  });
});

describeWithGolden('the genesis block beside that of a real network', () => {
  test('has the same shape, policies and modification policies', () => {
    const golden = goldenGenesis();
    expect(outline(groupAt(block, 'Application'))).toEqual(outline(groupAt(golden, 'Application')));
    for (const path of [[], ['Orderer']]) {
      expect(ownPart(groupAt(block, ...path))).toEqual(ownPart(groupAt(golden, ...path)));
    }
    const own = groupAt(block, 'Orderer', 'AuditorMSP').getValuesMap();
    const real = groupAt(golden, 'Orderer', 'OrdererMSP').getValuesMap();
    expect([...own.keys()]).toEqual([...real.keys()]);
  });

  test('has the same values where they do not name keys or ports', () => {
    const golden = goldenGenesis();
    for (const name of ['BlockDataHashingStructure', 'Capabilities', 'HashingAlgorithm']) {
      expect(Buffer.from(valueAt(block, [], name))).toEqual(Buffer.from(valueAt(golden, [], name)));
    }
    for (const path of [['Application'], ['Orderer']]) {
      expect(valueAt(block, path, 'Capabilities')).toEqual(valueAt(golden, path, 'Capabilities'));
    }
    const raft = (from: common.Block): unknown => {
      const type = orderer.ConsensusType.deserializeBinary(
        valueAt(from, ['Orderer'], 'ConsensusType'),
      );
      const metadata = orderer.etcdraft.ConfigMetadata.deserializeBinary(type.getMetadata_asU8());
      return [
        type.getType(),
        metadata.getOptions()!.toObject(),
        metadata.getConsentersList().length,
      ];
    };
    expect(raft(block)).toEqual(raft(golden));
  });

  test('has MSPs of the same form', () => {
    const form = (from: common.Block): unknown => {
      const wrapped = msp.MSPConfig.deserializeBinary(
        valueAt(from, ['Application', 'AuditorMSP'], 'MSP'),
      );
      const config = msp.FabricMSPConfig.deserializeBinary(wrapped.getConfig_asU8());
      const [root] = config.getRootCertsList_asB64();
      const hide = (_: string, value: unknown): unknown =>
        value === root
          ? 'the CA'
          : String(value).length > 500 && typeof value === 'string'
            ? 'other'
            : value;
      return JSON.parse(JSON.stringify([wrapped.getType(), config.toObject()], hide));
    };
    expect(form(block)).toEqual(form(goldenGenesis()));
  });

  test('is a transaction with the same header fields', () => {
    const headers = (from: common.Block): unknown => {
      const envelope = common.Envelope.deserializeBinary(from.getData()!.getDataList_asU8()[0]!);
      const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
      const header = common.ChannelHeader.deserializeBinary(
        payload.getHeader()!.getChannelHeader_asU8(),
      );
      const creator = common.SignatureHeader.deserializeBinary(
        payload.getHeader()!.getSignatureHeader_asU8(),
      );
      return [
        { ...header.toObject(), timestamp: header.getTimestamp()!.getNanos(), txId: '' },
        header.getTxId().length,
        creator.getCreator_asU8().length,
        creator.getNonce_asU8().length,
        envelope.getSignature_asU8().length,
        from.getMetadata()!.getMetadataList_asB64(),
      ];
    };
    expect(headers(block)).toEqual(headers(goldenGenesis()));
  });

  test('is decoded by the same code', () => {
    const config = ChannelConfig.fromBlock(goldenGenesis());
    expect(config.channelId).toBe('procurement');
    expect(config.batch).toEqual({
      timeoutMs: 200,
      maxMessageCount: 500,
      preferredMaxBytes: 2_097_152,
      absoluteMaxBytes: 10_485_760,
    });
    expect(config.organizations).toEqual(['AuditorMSP', 'MinistryMSP', 'VendorMSP']);
    expect(config.ordererEndpoints.get('OrdererMSP')).toEqual([{ host: 'localhost', port: 7150 }]);
  });
});

function ownPart(group: common.ConfigGroup): unknown {
  return { ...(outline(group) as object), groups: [...group.getGroupsMap().keys()].length };
}
