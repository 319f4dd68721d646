import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common, orderer } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import { computeUpdate } from '../../../config-update/compute-update';
import { OrdererRefusal, signedEnvelope } from '../../../config-update/orderer-client';
import { fetchConfig, updateConfig } from '../../../config-update/update-config';
import type { ConfigUpdateParts } from '../../../config-update/update-config';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import { RawClients, refusalOf } from './raw-clients.test-support';
import { newAssetProposal } from './asset-proposal.test-support';

const channel = assetTopology.channel;
const mspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'];

let clients: RawClients;

beforeAll(async () => {
  // Long enough that what is sent together is in one block, on a busy machine too.
  const batch = { ...assetTopology.batch, timeoutMs: 300 };
  const topology = { ...assetTopology, batch };
  clients = await RawClients.of(await startAssetNetwork({ topology }));
});

afterAll(async () => {
  clients.close();
  await clients.network.close();
});

function admin(mspId: string): SigningIdentity {
  return clients.crypto.organization(mspId).admin;
}

function target(): ConfigUpdateParts['orderer'] {
  const { host, tls } = clients.crypto.orderer;
  const { port } = clients.network.network.endpoints.orderer;
  const address = `127.0.0.1:${String(port)}`;
  return { address, hostName: host, tlsRootCertificatePem: tls.rootCertificatePem };
}

function update(parts: Pick<ConfigUpdateParts, 'change' | 'signers'>) {
  return updateConfig({ ...parts, channel, orderer: target(), submitter: admin('MinistryMSP') });
}

function groupAt(config: common.Config, ...path: readonly string[]): common.ConfigGroup {
  return path.reduce((group, name) => group.getGroupsMap().get(name)!, config.getChannelGroup()!);
}

function setBatchCount(config: common.Config, count: number): void {
  const value = groupAt(config, 'Orderer').getValuesMap().get('BatchSize')!;
  const size = orderer.BatchSize.deserializeBinary(value.getValue_asU8());
  size.setMaxMessageCount(count);
  value.setValue(size.serializeBinary());
}

async function proposal(user: string, args = ['echo', 'x']) {
  return newAssetProposal({ creator: await clients.user(user), args });
}

describe('a change of the configuration', () => {
  test('takes effect in the ordering service and is the newest configuration', async () => {
    const change = (config: common.Config): void => {
      setBatchCount(config, 2);
    };
    const { sequence, blockNumber } = await update({ change, signers: [admin('AuditorMSP')] });
    expect(sequence).toBe(1);
    const signer = await clients.user('tashi');
    const transactions = await Promise.all(
      ['a', 'b'].map((key) => clients.forged({ creator: signer, args: ['put', key, '1'] })),
    );
    const places = await clients.commit(...transactions);
    expect(places.map(({ code }) => code)).toEqual([0, 0]);
    expect(new Set(places.map(({ block }) => block)).size).toBe(1);
    const config = await fetchConfig({ channel, orderer: target(), submitter: signer });
    expect(config.getSequence()).toBe(1);
    const value = groupAt(config, 'Orderer').getValuesMap().get('BatchSize')!;
    expect(value.getVersion()).toBe(1);
    expect(blockNumber).toBeGreaterThan(0);
  });

  test('is refused without the consent that its policy asks for', async () => {
    const change = (config: common.Config): void => {
      setBatchCount(config, 3);
    };
    const refused = update({ change, signers: [admin('MinistryMSP')] });
    await expect(refused).rejects.toBeInstanceOf(OrdererRefusal);
    await expect(refused).rejects.toMatchObject({
      status: common.Status.BAD_REQUEST,
      message:
        'the message was not taken: BAD_REQUEST (error applying config update to existing ' +
        "channel 'procurement': error authorizing update: error validating DeltaSet: policy for " +
        '[Value]  /Channel/Orderer/BatchSize not satisfied: implicit policy evaluation failed ' +
        '- 0 sub-policies were satisfied, but this policy requires 1 of the ' +
        "'Admins' sub-policies to be satisfied)",
    });
  });

  test('is refused when it was worked out from an older configuration', async () => {
    const signer = await clients.user('tashi');
    const config = await fetchConfig({ channel, orderer: target(), submitter: signer });
    const stale = common.Config.deserializeBinary(config.serializeBinary());
    groupAt(stale, 'Orderer').getValuesMap().get('BatchSize')!.setVersion(0);
    const updated = common.Config.deserializeBinary(stale.serializeBinary());
    setBatchCount(updated, 4);
    const written = computeUpdate({
      channel,
      original: stale.getChannelGroup()!,
      updated: updated.getChannelGroup()!,
    });
    const value = groupIn(written.getWriteSet()!, 'Orderer').getValuesMap().get('BatchSize')!;
    expect(value.getVersion()).toBe(1);
    const envelope = new common.ConfigUpdateEnvelope();
    envelope.setConfigUpdate(written.serializeBinary());
    const [answer] = await clients.broadcast(
      signedEnvelope({
        channel,
        type: common.HeaderType.CONFIG_UPDATE,
        data: envelope.serializeBinary(),
        signer,
      }),
    );
    expect(answer).toEqual({
      status: 400,
      info:
        "error applying config update to existing channel 'procurement': error authorizing " +
        'update: error validating DeltaSet: attempt to set key [Value]  ' +
        '/Channel/Orderer/BatchSize to version 1, but key is at version 1',
    });
  });

  test('of who may write counts at once, and ends the streams of those who may no longer read', async () => {
    const signer = await clients.user('vendor-1');
    const stream = clients.deliver({ signer, start: 'newest', stop: Number.MAX_SAFE_INTEGER });
    expect(await statusOf(stream.next())).toBe(undefined);
    const next = stream.next();
    const { blockNumber } = await update({
      signers: [admin('VendorMSP')],
      change: (config) => {
        const policies = groupAt(config, 'Application', 'VendorMSP').getPoliciesMap();
        policies.set('Readers', policies.get('Admins')!);
        policies.set('Writers', policies.get('Admins')!);
      },
    });
    expect(await statusOf(next)).toBe(common.Status.FORBIDDEN);
    await committed(blockNumber);
    const { details } = await refusalOf(
      clients.propose('VendorMSP', (await proposal('vendor-1')).signed),
    );
    expect(details).toContain('Failed evaluating policy on signed data');
  });

  test('is still there after a restart', async () => {
    clients.close();
    await clients.network.restart();
    clients = await RawClients.of(clients.network);
    const { details } = await refusalOf(
      clients.propose('VendorMSP', (await proposal('vendor-1')).signed),
    );
    expect(details).toContain('Failed evaluating policy on signed data');
    const submitter = await clients.user('tashi');
    const config = await fetchConfig({ channel, orderer: target(), submitter });
    expect(config.getSequence()).toBe(2);
  });
});

describe('a revoked certificate', () => {
  test('cannot propose any more, nor have its transaction counted; others go on', async () => {
    const user = { name: 'leaver', type: 'client', attributes: {} } as const;
    const { identity } = await clients.crypto.issueUser('MinistryMSP', user);
    const parts = { creator: identity, args: ['put', 'left', '1'] };
    const endorsed = await clients.endorsed(parts, ['MinistryMSP', 'AuditorMSP']);
    await clients.network.network.revokeCertificate('MinistryMSP', identity.certificatePem);
    expect(await clients.broadcast(endorsed)).toEqual([
      { status: 403, info: expect.stringContaining('permission denied') },
    ]);
    const again = clients.propose('MinistryMSP', newAssetProposal(parts).signed);
    expect(await refusalOf(again)).toEqual({
      code: 2,
      details:
        'error validating proposal: access denied: channel [procurement] creator org [MinistryMSP]',
    });
    const creator = await clients.user('tashi');
    const other = await clients.endorsed({ creator, args: ['put', 'stays', '1'] }, [
      'MinistryMSP',
      'AuditorMSP',
    ]);
    expect(await clients.codesOf(other)).toEqual([0]);
  });

  test('is one of several in the list, which outlasts a restart', async () => {
    const user = { name: 'leaver-2', type: 'client', attributes: {} } as const;
    const { identity } = await clients.crypto.issueUser('MinistryMSP', user);
    await clients.network.network.revokeCertificate('MinistryMSP', identity.certificatePem);
    clients.close();
    await clients.network.restart();
    clients = await RawClients.of(clients.network);
    for (const name of ['leaver', 'leaver-2']) {
      const { identity: creator } = await clients.crypto.issueUser('MinistryMSP', {
        ...user,
        name,
      });
      const proposed = clients.propose(
        'MinistryMSP',
        newAssetProposal({ creator, args: [] }).signed,
      );
      expect((await refusalOf(proposed)).details).toContain('creator org [MinistryMSP]');
    }
  });
});

function groupIn(root: common.ConfigGroup, name: string): common.ConfigGroup {
  return root.getGroupsMap().get(name)!;
}

/** The status of a message of a stream, undefined for a block. */
async function statusOf(
  next: Promise<IteratorResult<peer.DeliverResponse, unknown>>,
): Promise<number | undefined> {
  const { value } = (await next) as { value: peer.DeliverResponse };
  return value.hasStatus() ? value.getStatus() : undefined;
}

async function committed(blockNumber: number): Promise<void> {
  for (const mspId of mspIds) {
    const signer = admin('MinistryMSP');
    await clients.delivered({ signer, start: blockNumber, stop: blockNumber }, mspId);
  }
}
