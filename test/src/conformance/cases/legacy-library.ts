import { expect } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';
import { peer } from '@hyperledger/fabric-protos';
import type { BlockEvent, BlockListener, EventType, Network } from 'fabric-network';
import type { CaseGroup } from '../conformance-case';
import { discoveringClient, plainClient } from '../legacy-client';
import type { LegacyClient } from '../legacy-client';
import { outcomeOf } from '../outcomes';
import { endorsersOf } from '../transaction-endorsements';
import type { World } from '../world';

const policyFailure = { ok: false, transactionCode: 'ENDORSEMENT_POLICY_FAILURE' };

const submissions: CaseGroup = {
  title: 'fabric-network without discovery',
  cases: [
    {
      id: '48a',
      title: 'commits what endorsers do not agree about, which is invalid',
      observe: (world) =>
        withPlain(world, ({ contract }) => outcomeOf(contract.submitTransaction('random', 'k48a'))),
      expected: policyFailure,
    },
    {
      id: '48c',
      title: 'commits what one peer endorsed, which is invalid',
      observe: (world) =>
        withPlain(world, ({ contract, network }) => {
          const transaction = contract.createTransaction('put');
          transaction.setEndorsingPeers([network.getChannel().getEndorser('peer0.ministry')]);
          return outcomeOf(transaction.submit('k48c', 'v'));
        }),
      expected: policyFailure,
    },
    {
      id: '48d',
      title: 'passes on what the chaincode says',
      observe: (world) =>
        withPlain(world, async ({ contract }) => ({
          evaluate: await outcomeOf(contract.evaluateTransaction('fail', 'boom')),
          submit: await outcomeOf(contract.submitTransaction('fail', 'boom')),
        })),
      expected: { evaluate: { ok: false, message: 'boom' }, submit: { ok: false } },
    },
    {
      id: '65',
      title: 'decodes every block from the first on',
      observe: (world) =>
        withPlain(world, async ({ network }) => ({
          full: { ...(await listen(network, 'full')), decoded: await decodedGenesis(network) },
          filtered: await listen(network, 'filtered'),
          private: await listen(network, 'private'),
        })),
      expected: {
        full: { numbers: [0, 1, 2, 3], decoded: { type: 'CONFIG' } },
        filtered: { numbers: [0, 1, 2, 3], firstTypes: [{ status: 'VALID', isValid: true }] },
        private: { numbers: [0, 1, 2, 3] },
      },
    },
  ],
};

const discovering: CaseGroup = {
  title: 'fabric-network with its default options',
  cases: [
    {
      id: '72',
      title: 'discovers the peers, submits and evaluates',
      observe: observeDiscovering,
      expected: {
        submit: 'ok:v72',
        evaluate: 'x',
        code: 0,
        endorsers: expect.arrayContaining(['AuditorMSP']),
        committers: 1,
      },
      // The library takes any of the layouts that discovery names.
      chance: ['endorsers'],
    },
  ],
};

/** The older client library. */
export function legacyLibraryCases(): readonly CaseGroup[] {
  return [submissions, discovering];
}

async function withPlain<Result>(
  world: World,
  use: (client: LegacyClient) => Promise<Result>,
): Promise<Result> {
  const client = await plainClient(world, await world.client());
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function observeDiscovering(world: World): Promise<object> {
  const client = await discoveringClient(world, await world.client());
  try {
    const { contract, network } = client;
    const transaction = contract.createTransaction('put');
    const submitted = await transaction.submit('v72', 'v');
    const envelope = await envelopeOf(world, transaction.getTransactionId());
    const channel = network.getChannel();
    return {
      submit: submitted.toString(),
      evaluate: (await contract.evaluateTransaction('echo', 'x')).toString(),
      code: envelope.code,
      endorsers: endorsersOf(envelope.envelope).sort(),
      discovered: channel
        .getEndorsers()
        .map(({ mspid }) => mspid)
        .sort(),
      // Of one organization, which has four ordering nodes with SmartBFT.
      committers: new Set(channel.getCommitters().map(({ mspid }) => mspid)).size,
      conflict: await conflictOf(client),
    };
  } finally {
    client.close();
  }
}

/** Several at the same time read the same version, so that only the first of a block counts. */
async function conflictOf({ contract }: LegacyClient): Promise<unknown> {
  const calls = Array.from({ length: 8 }, () =>
    outcomeOf(contract.submitTransaction('addTo', 'k72', '1')),
  );
  return (await Promise.all(calls)).find(({ ok }) => ok === false);
}

/** The transaction on the ledger of the ministry's peer. */
async function envelopeOf(
  world: World,
  txId: string,
): Promise<{ envelope: common.Envelope; code: number }> {
  const call = { chaincode: 'qscc' };
  const response = await world.run(['GetTransactionByID', 'procurement', txId], call);
  const processed = peer.ProcessedTransaction.deserializeBinary(
    response.getResponse()!.getPayload_asU8(),
  );
  return { envelope: processed.getTransactionenvelope()!, code: processed.getValidationcode() };
}

/** The first four blocks, and how the transactions of the very first are told. */
async function listen(network: Network, type: EventType): Promise<object> {
  const events = await firstBlocks(network, type, 4);
  return {
    numbers: events.map(({ blockNumber }) => Number(blockNumber)),
    firstTypes: events[0]!.getTransactionEvents().map(({ status, isValid, transactionId }) => ({
      status,
      isValid,
      txidLen: transactionId.length,
    })),
  };
}

async function decodedGenesis(network: Network): Promise<object> {
  const [first] = await firstBlocks(network, 'full', 1);
  const { data } = first!.blockData as unknown as DecodedBlock;
  const { header, data: config } = data.data[0]!.payload;
  const { groups } = config.config.channel_group;
  // The order of a map in a configuration is anybody's.
  const names = Object.keys(groups).sort().reverse();
  return { type: header.channel_header.typeString, groups: names };
}

interface DecodedBlock {
  readonly data: {
    readonly data: readonly {
      readonly payload: {
        readonly header: { readonly channel_header: { readonly typeString: string } };
        readonly data: { readonly config: { readonly channel_group: { readonly groups: object } } };
      };
    }[];
  };
}

async function firstBlocks(
  network: Network,
  type: EventType,
  count: number,
): Promise<BlockEvent[]> {
  const events: BlockEvent[] = [];
  let listener: BlockListener | undefined;
  await new Promise<void>((resolve, reject) => {
    listener = (event) => {
      events.push(event);
      if (events.length === count) resolve();
      return Promise.resolve();
    };
    network.addBlockListener(listener, { startBlock: 0, type }).catch(reject);
  });
  if (listener) network.removeBlockListener(listener);
  return events.slice(0, count);
}
