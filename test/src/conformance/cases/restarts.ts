import { common } from '@hyperledger/fabric-protos';
import type { CaseGroup } from '../conformance-case';
import { submitOutcome } from '../gateway-calls';
import type { World } from '../world';

const both = ['AuditorMSP', 'VendorMSP'];

const restarts: CaseGroup = {
  title: 'a restart',
  needs: ['restart', 'private-data'],
  cases: [
    {
      id: '71',
      title: 'keeps blocks, state, private data and events, and the network goes on',
      observe: observeRestart,
      expected: {
        height: true,
        state: true,
        priv: true,
        lastBlockSame: true,
        eventsReplay: 3,
        writeAfter: { ok: true, result: 0 },
      },
    },
  ],
};

/** What happens when the processes of a network start again. */
export function restartCases(): readonly CaseGroup[] {
  return [restarts];
}

async function observeRestart(world: World): Promise<object> {
  const [first] = await world.commit(await world.forged(['event', 'e71', '1']));
  for (const payload of ['2', '3']) await world.prepare(['event', 'e71', payload]);
  await world.commit(await world.endorsed(['pput', 'collVendorMinistry', 'p71', 'v'], both));
  await world.prepare(['put', 'k71', 'kept']);
  const height = await heightOf(world);
  const lastBlock = (await world.watch().block(height - 1)).serializeBinary();
  await world.restart();
  const again = (await world.watch().block(height - 1)).serializeBinary();
  const { ok, result } = await submitOutcome(world, ['put', 'k71b', 'after']);
  return {
    height: height === (await heightOf(world)) - 1,
    state: (await world.text(['get', 'k71'])) === 'kept',
    priv: (await world.text(['pget', 'collVendorMinistry', 'p71'])) === 'v',
    lastBlockSame: Buffer.from(lastBlock).equals(again),
    eventsReplay: await replayed(world, BigInt(first!.block), 3),
    writeAfter: { ok, result: (result as { code: number }).code },
  };
}

async function heightOf(world: World): Promise<number> {
  const call = { chaincode: 'qscc' };
  const response = await world.run(['GetChainInfo', 'procurement'], call);
  const info = response.getResponse()!.getPayload_asU8();
  return common.BlockchainInfo.deserializeBinary(info).getHeight();
}

/** How many events of a name come from a block on, up to so many. */
async function replayed(world: World, startBlock: bigint, most: number): Promise<number> {
  const network = world.gateways.network({ signer: await world.client() });
  const stream = await network.getChaincodeEvents('probe', { startBlock });
  let count = 0;
  try {
    for await (const { eventName } of stream) {
      if (eventName === 'e71') count += 1;
      if (count === most) break;
    }
  } finally {
    stream.close();
  }
  return count;
}
