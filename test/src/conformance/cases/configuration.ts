import { expect } from '@jest/globals';
import { common, orderer } from '@hyperledger/fabric-protos';
import { fetchConfig, updateConfig } from '@procurement/network/config-update/update-config';
import type { ConfigUpdated } from '@procurement/network/config-update/update-config';
import type { CaseGroup } from '../conformance-case';
import { ordererOf } from '../profile-connections';
import { recordedTopology } from '../recorded-network';
import type { Signer } from '../signer';
import type { World } from '../world';

const channel = 'procurement';
const attemptsMax = 10;

const changes: CaseGroup = {
  title: 'a change of the configuration',
  needs: ['config-updates'],
  cases: [
    {
      id: 'd46',
      title: 'is made with the consent that its policy asks for, and peers go by it',
      observe: observeBatchSize,
      expected: {
        withoutConsent: expect.stringMatching(
          /BAD_REQUEST \(.*policy for \[Value\] +\/Channel\/Orderer\/BatchSize not satisfied: /,
        ),
        withoutChange: 'no differences detected between original and updated config',
        sequences: [1, 2],
        counts: { before: 500, ordering: 7, peer: 7, after: 500 },
        inOneBlock: 7,
      },
    },
  ],
};

/** Configurations that change while the network serves. */
export function configurationCases(): readonly CaseGroup[] {
  return [changes];
}

async function observeBatchSize(world: World): Promise<object> {
  const administrator = await world.identities.admin('OrdererMSP');
  const usual = recordedTopology(world.compat).batch.maxMessageCount;
  const before = await configAt(world);
  const refused = await textOf(change(world, await world.client(), setCount(7)));
  const same = await textOf(change(world, administrator, setCount(usual)));
  const first = await change(world, administrator, setCount(7));
  await world.reached(first.blockNumber);
  const counts = {
    before: countIn(before),
    ordering: countIn(await configAt(world)),
    peer: countIn(await configOfPeer(world)),
  };
  const inOneBlock = await fullBlock(world, 7);
  const second = await change(world, administrator, setCount(usual));
  await world.reached(second.blockNumber);
  const sequences = [first, second].map(({ sequence }) => sequence - before.getSequence());
  return {
    ...{ withoutConsent: refused, withoutChange: same, sequences, inOneBlock },
    counts: { ...counts, after: countIn(await configAt(world)) },
  };
}

type Change = (config: common.Config) => void;

async function change(world: World, signer: Signer, by: Change): Promise<ConfigUpdated> {
  const submitter = await world.client();
  return updateConfig({ ...target(world), submitter, signers: [signer], change: by });
}

async function configAt(world: World): Promise<common.Config> {
  return fetchConfig({ ...target(world), submitter: await world.client() });
}

function target(world: World): Pick<Parameters<typeof updateConfig>[0], 'channel' | 'orderer'> {
  const { address, name, tlsRootPem } = ordererOf(world.profile);
  return { channel, orderer: { address, hostName: name, tlsRootCertificatePem: tlsRootPem } };
}

async function configOfPeer(world: World): Promise<common.Config> {
  const answer = await world.run(['GetChannelConfig', channel], { chaincode: 'cscc' });
  return common.Config.deserializeBinary(answer.getResponse()!.getPayload_asU8());
}

function setCount(count: number): Change {
  return (config) => {
    const value = batchSizeIn(config);
    const size = orderer.BatchSize.deserializeBinary(value.getValue_asU8());
    size.setMaxMessageCount(count);
    value.setValue(size.serializeBinary());
  };
}

function countIn(config: common.Config): number {
  const value = batchSizeIn(config).getValue_asU8();
  return orderer.BatchSize.deserializeBinary(value).getMaxMessageCount();
}

function batchSizeIn(config: common.Config): common.ConfigValue {
  const group = config.getChannelGroup()!.getGroupsMap().get('Orderer')!;
  return group.getValuesMap().get('BatchSize')!;
}

/**
 * The most transactions that a block had while one more than the limit came at once. On a busy
 * machine a block's time may be up before it is full: then they come again.
 */
async function fullBlock(world: World, limit: number): Promise<number> {
  let largest = 0;
  for (let attempt = 1; largest < limit && attempt <= attemptsMax; attempt += 1) {
    largest = Math.max(largest, await largestBlock(world, limit + 1));
  }
  return largest;
}

/** Transactions of the largest block that so many at once come to. */
async function largestBlock(world: World, transactions: number): Promise<number> {
  const keys = Array.from({ length: transactions }, (_, at) => `k46-${at}`);
  const envelopes = await Promise.all(keys.map((key) => world.forged(['put', key, 'v'])));
  const blocks = (await world.commit(...envelopes)).map(({ block }) => block);
  return Math.max(...blocks.map((one) => blocks.filter((other) => other === one).length));
}

function textOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: unknown) => (error as Error).message,
  );
}
