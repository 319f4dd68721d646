import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, jest } from '@jest/globals';
import { connectAssetClient, type AssetClient, type PutOutcome } from './support/asset-client';
import { startAssetNetwork, type AssetNetwork } from './support/asset-network';
import { newChance, roundCount } from './support/chance';
import { chainFaults, sharedContent, transactionsOf } from './support/raw-blocks';

const valid = 0;
const inFlight = 24;
const burstTransactions = 300;

const chance = newChance('restart');
let folder: string;
let network: AssetNetwork;
const outcomes: PutOutcome[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restart-'));
  network = await startAssetNetwork({ folder, batchTimeoutMs: 10 });
});

afterAll(async () => {
  await network.stop();
  await rm(folder, { recursive: true, force: true });
});

async function withClients<T>(use: (clients: AssetClient[]) => Promise<T>): Promise<T> {
  const clients = network.mspIds.map((mspId) => connectAssetClient(network, mspId));
  try {
    return await use(clients);
  } finally {
    for (const client of clients) client.close();
  }
}

/** Submits from all organisations at once; at a moment of chance, `strike` happens. */
async function burst(name: string, strike: () => Promise<void>): Promise<PutOutcome[]> {
  const strikeAtStage = chance.between(30, 2 * burstTransactions);
  return withClients(async (clients) => {
    let stages = 0;
    let next = 0;
    let struck: Promise<void> | undefined;
    const onStage = (): void => {
      stages += 1;
      if (stages === strikeAtStage) struck = strike();
    };
    const found: PutOutcome[] = [];
    const worker = async (client: AssetClient): Promise<void> => {
      while (next < burstTransactions) {
        next += 1;
        found.push(await client.put(`${name}-${next}`, `${chance.seed}-${next}`, onStage));
      }
    };
    const workers = Array.from({ length: inFlight }, (_, index) =>
      worker(clients[index % clients.length]!),
    );
    await Promise.all(workers);
    await struck;
    expect(struck).toBeDefined();
    return found;
  });
}

/** Submits until one is answered VALID, which shows that everything works again. */
async function submitUntilValid(client: AssetClient, name: string): Promise<PutOutcome> {
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    const outcome = await client.put(`${name}-${attempt}`, 'again');
    outcomes.push(outcome);
    if (outcome.answeredCode === valid) return outcome;
  }
  throw new Error('no submission was answered');
}

async function expectNothingLost(): Promise<void> {
  await withClients(async (clients) => {
    const chains = await Promise.all(clients.map((client) => client.readBlocks()));
    const [first] = chains;
    for (const chain of chains) {
      expect(chainFaults(chain)).toEqual([]);
      expect(sharedContent(chain)).toEqual(sharedContent(first!));
    }
    const placed = transactionsOf(first!);
    const codes = new Map(placed.map((one) => [one.transactionId, one.validationCode]));
    expect(codes.size).toBe(placed.length);

    const answered = outcomes.filter(({ answeredCode }) => answeredCode !== undefined);
    expect(answered.length).toBeGreaterThan(0);
    expect(
      answered.filter(
        ({ transactionId, answeredCode }) => codes.get(transactionId) !== answeredCode,
      ),
    ).toEqual([]);

    const written = outcomes.filter(({ transactionId }) => codes.get(transactionId) === valid);
    const expected = new Map(written.map(({ key, value }) => [key, value]));
    for (const client of clients) expect(await client.readAll()).toEqual(expected);
  });
}

// A machine that does much else takes its time to start a network again.
jest.setTimeout(180_000);

describe('after kill -9 during a burst of submissions', () => {
  test.each(Array.from({ length: roundCount(2) }, (_, index) => index + 1))(
    'of the network process, nothing answered VALID is lost and nothing is there twice (round %i)',
    async (round) => {
      const name = `network-${round}`;
      outcomes.push(...(await burst(name, () => network.killNetwork())));
      expect(outcomes.some(({ answeredCode }) => answeredCode === undefined)).toBe(true);
      await network.startNetworkAgain();
      await withClients(async (clients) => {
        for (const client of clients) await submitUntilValid(client, `${name}-${client.mspId}`);
      });
      await expectNothingLost();
    },
  );

  test('of a chaincode process, the same holds, and its successor is used', async () => {
    const mspId = chance.oneOf(network.mspIds);
    const name = `chaincode-of-${mspId}`;
    outcomes.push(...(await burst(name, () => network.replaceChaincode(mspId))));
    await withClients(async (clients) => {
      for (const client of clients) {
        await submitUntilValid(client, `${name}-${client.mspId}`);
        // Evaluation runs on the client's own peer only, so on the process that was replaced too.
        expect((await client.readAll()).size).toBeGreaterThan(0);
      }
    });
    await expectNothingLost();
  });

  test('of network and chaincode processes at once, the same holds', async () => {
    const mspId = chance.oneOf(network.mspIds);
    outcomes.push(
      ...(await burst('both', async () => {
        await Promise.all([network.killNetwork(), network.replaceChaincode(mspId)]);
      })),
    );
    await network.startNetworkAgain();
    await withClients(async ([client]) => {
      await submitUntilValid(client!, 'both-again');
    });
    await expectNothingLost();
  });
});
