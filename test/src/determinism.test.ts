/** Endorsers whose processes differ in everything that a program can ask of its machine. */
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startChaincodeProcess, type ChaincodeProcess } from '@procurement/network';
import { freePorts } from '@procurement/tools/start/ports';
import { projectRoot } from '@procurement/tools/start/project-root';
import { isCommandName, TRANSACTIONS } from '@procurement/protocol';
import type { HonestCall, HostileWorld } from './support/hostile-world-program';
import { PeerInHand, type PeerOutcome } from './support/peer-in-hand';

const OK = 200;

/** One endorser's machine. */
interface Runtime {
  readonly name: string;
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
}

const places = [
  { TZ: 'Asia/Thimphu', LANG: 'dz_BT.UTF-8', LC_ALL: 'dz_BT.UTF-8' },
  // A zone of half hours, a language with two letters i, a decimal comma.
  { TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
];
const runtimes: readonly Runtime[] = [
  ...places.map((env) => ({ name: env.TZ, node: process.execPath, env })),
  ...otherNodes().map((node) => ({ name: node, node, env: places[1]! })),
];

let peer: PeerInHand;
let world: HostileWorld;
const processes: ChaincodeProcess[] = [];

/** Other versions of Node that this machine has, or that `OTHER_NODE` names. */
function otherNodes(): string[] {
  const names = ['20', '22', '24', '26'].map((version) => `node${version}`);
  const candidates = [process.env['OTHER_NODE'], ...names].filter((name) => name !== undefined);
  return candidates.filter((name) => {
    const version = versionOf(name);
    return version !== undefined && version !== process.version;
  });
}

function versionOf(node: string): string | undefined {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}

beforeAll(async () => {
  const program = join(projectRoot, 'test', 'dist', 'support', 'hostile-world-program.js');
  const maxBuffer = 64 * 1024 * 1024;
  const made = promisify(execFile)(process.execPath, [program], { maxBuffer });
  peer = await PeerInHand.open();
  const ports = await freePorts(runtimes.length);
  const listening = runtimes.map(({ name, node, env }, index) => {
    const packageId = `${name}:0000`;
    const port = ports[index] ?? 0;
    const periods = { PROCUREMENT_MIN_BIDDING_MS: '1000', PROCUREMENT_MIN_GRACE_MS: '500' };
    const folder = join(projectRoot, 'chaincode', 'dist', 'package');
    processes.push(
      startChaincodeProcess({
        ...{ folder, packageId, port, node },
        ...{ mspId: 'AuditorMSP', env: { ...env, ...periods } },
      }),
    );
    return peer.dial(packageId, port);
  });
  world = JSON.parse((await made).stdout) as HostileWorld;
  for (const [name, state] of Object.entries(world.ledgers)) await peer.addLedger(name, state);
  await Promise.all(listening);
}, 120_000);

afterAll(async () => {
  await peer.close();
  await Promise.all(processes.map((process) => process.stop()));
});

/** The same signed call at every endorser. */
function everywhere({ on, person, transaction, text }: HonestCall): Promise<PeerOutcome[]> {
  const call = {
    ...{ on, person, args: [Buffer.from(transaction), Buffer.from(text)] },
    ...{ transactionId: peer.newTransactionId(), atMs: Date.now() },
  };
  return Promise.all(runtimes.map(({ name }) => peer.call(`${name}:0000`, call)));
}

describe(`endorsers at ${runtimes.map(({ name }) => name).join(', ')}`, () => {
  test('answer every transaction alike: the same reads, writes, event and words', async () => {
    const different: object[] = [];
    const written = new Set<string>();
    for (const call of world.calls.filter(({ transaction }) => transaction !== 'audit:clock')) {
      const outcomes = await everywhere(call);
      const [first] = outcomes;
      if (outcomes.some((one) => JSON.stringify(one) !== JSON.stringify(first))) {
        different.push({ call: call.transaction, outcomes });
      }
      if (first?.status === OK) written.add(call.transaction);
    }
    expect(different).toEqual([]);
    const missing = TRANSACTIONS.filter((name) => isCommandName(name) && !written.has(name));
    // A rule refuses these in an honest world, and their refusals were the same.
    expect(missing).toEqual([
      ...['tender:close', 'opening:strike', 'opening:selfOpen', 'opening:recordMissing'],
    ]);
  });

  test('tell their clocks each its own way, and write nothing', async () => {
    const [call] = world.calls.filter(({ transaction }) => transaction === 'audit:clock');
    const outcomes = await everywhere(call!);
    for (const { status, answer, event, rwset } of outcomes) {
      expect({ status, event }).toEqual({ status: OK, event: '' });
      const { at, clock } = JSON.parse(answer) as { at: string; clock: string };
      expect(Math.abs(Date.parse(clock) - Date.parse(at))).toBeLessThan(60_000);
      expect(rwset).toBe(outcomes[0]?.rwset);
    }
  });
});
