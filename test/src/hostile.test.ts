import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseReject } from '@procurement/protocol';
import { projectRoot } from '@procurement/tools/start/project-root';
import { newChance } from './support/chance';
import type { HonestCall, HostileWorld } from './support/hostile-world-program';
import { hostileKinds } from './support/hostile-texts';
import { type MeasuredCall, MeasuredChaincode } from './support/measured-chaincode';

const REFUSED_WITHIN_MS = 50;
const OK = 200;
const MINUTE_MS = 60_000;
/** How many of the slowest refusals a run tells of. */
const SHOWN = 8;
/** How many hostile arguments; raise it for a long run. */
const count = Number(process.env['HOSTILE_CALLS'] ?? 640);

/** A machine that does much else takes its time. */
const LIMIT_MS = MINUTE_MS + count * 200;

const chance = newChance('hostile');
let chaincode: MeasuredChaincode;
let world: HostileWorld;

beforeAll(async () => {
  [chaincode, world] = await Promise.all([MeasuredChaincode.start(), newHostileWorld()]);
  for (const [name, state] of Object.entries(world.ledgers)) await chaincode.addLedger(name, state);
  // What only a process's first calls do is done before anything is measured.
  for (const honest of world.calls) await ask(honest, [Buffer.from(honest.text)]);
}, 120_000);

afterAll(async () => {
  await chaincode.close();
});

async function newHostileWorld(): Promise<HostileWorld> {
  const program = join(projectRoot, 'test', 'dist', 'support', 'hostile-world-program.js');
  const maxBuffer = 64 * 1024 * 1024;
  const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer });
  return JSON.parse(stdout) as HostileWorld;
}

function ask(honest: HonestCall, args: readonly Uint8Array[]): Promise<MeasuredCall> {
  const { on, person, transaction } = honest;
  return chaincode.call({ on, person, args: [Buffer.from(transaction), ...args] });
}

/** The cheapest of a few answers: what an argument costs is in each, what else happened is not. */
async function leastOf(asking: () => Promise<MeasuredCall>): Promise<MeasuredCall> {
  let least = await asking();
  for (let more = 0; more < 2 && least.processorMs > REFUSED_WITHIN_MS; more += 1) {
    const again = await asking();
    if (again.processorMs < least.processorMs) least = again;
  }
  return least;
}

/** What is wrong with the answer to a hostile call; nothing, as a rule. */
function faultOf({ status, message, processorMs }: MeasuredCall): string | undefined {
  if (status === OK) return undefined;
  if (parseReject(message) === undefined) return `failed without a refusal: ${message}`;
  if (processorMs > REFUSED_WITHIN_MS) return `took ${processorMs} ms: ${message}`;
  return undefined;
}

function saySlowest(
  refused: readonly { readonly processorMs: number; readonly what: string }[],
): void {
  const sorted = [...refused].sort((left, right) => right.processorMs - left.processorMs);
  const median = sorted[Math.floor(sorted.length / 2)]?.processorMs ?? 0;
  const slowest = sorted
    .slice(0, SHOWN)
    .map(({ processorMs, what }) => `${processorMs.toFixed(1)} ms ${what}`);
  process.stderr.write(
    `hostile: ${refused.length} refused, median ${median.toFixed(2)} ms, slowest:\n` +
      `  ${slowest.join('\n  ')}\n`,
  );
}

describe('an honest call', () => {
  test('of every transaction is answered, or refused by a rule and not for its form', async () => {
    for (const honest of world.calls) {
      const { status, message } = await ask(honest, [Buffer.from(honest.text)]);
      const code = parseReject(message)?.code;
      expect([honest.transaction, status === OK ? 'OK' : code]).toEqual([
        honest.transaction,
        expect.stringMatching(/^(OK|EARLY|SCALAR|IDENTITY|DEAL_HOLDS|EARLY)$/),
      ]);
    }
  });
});

describe(`a hostile argument (seed ${chance.seed}, ${count} times)`, () => {
  test(
    'is refused by a code within 50 ms, and the same process goes on',
    async () => {
      const faults: object[] = [];
      const kinds = Object.entries(hostileKinds);
      const refused: { readonly processorMs: number; readonly what: string }[] = [];
      for (let number = 0; number < count; number += 1) {
        const honest = world.calls[number % world.calls.length]!;
        const [kind, change] = kinds[Math.floor(number / world.calls.length) % kinds.length]!;
        const bytes = change(honest.text, chance);
        const answer = await leastOf(() => ask(honest, [bytes]));
        const fault = faultOf(answer);
        const what = `${honest.transaction}: ${kind}`;
        if (fault !== undefined) faults.push({ number, what, fault });
        const { processorMs, message } = answer;
        const code = parseReject(message)?.code ?? '';
        if (answer.status !== OK) refused.push({ processorMs, what: `${what}, ${code}` });
      }
      saySlowest(refused);
      expect(faults).toEqual([]);
      expect(refused.length).toBeGreaterThan(count / 2);
      expect(chaincode.isAlive).toBe(true);
    },
    LIMIT_MS,
  );

  test('changes nothing for the calls after it: no prototype has got a member', async () => {
    const [honest] = world.calls.filter(({ transaction }) => transaction === 'audit:whoami');
    const { answer } = await ask(honest!, [Buffer.from('{}')]);
    const { mspId, spki } = world.auditor;
    expect(JSON.parse(answer)).toEqual({ mspId, role: 'auditor', spki });
  });
});

describe('a hostile call', () => {
  const secret = 'Zk71NvSecretArgument5Qa';

  test.each([
    ['without anything', []],
    ['with a name alone', ['audit:whoami']],
    ['with three arguments', ['audit:whoami', '{}', '{}']],
    ['of a transaction with a very long name', ['a:b'.repeat(100_000), '{}']],
    ['of a member of every object', ['bid:constructor', '{}']],
    ['of the framework', ['org.hyperledger.fabric:GetMetadata', '']],
  ])('%s is refused within 50 ms', async (_, words) => {
    const { auditor: person } = world;
    const args = words.map((word) => Buffer.from(word));
    const answer = await chaincode.call({ on: 'none', person, args });
    expect(faultOf(answer)).toBeUndefined();
    expect(['CALL', 'UNKNOWN_TRANSACTION']).toContain(parseReject(answer.message)?.code);
  });

  test('leaves no word of its argument in the log', async () => {
    for (const honest of world.calls) {
      await ask(honest, [Buffer.from(`{"requestId":"${secret}"}`)]);
      await ask(honest, [Buffer.from(JSON.stringify(secret))]);
    }
    const { auditor: person } = world;
    for (const words of [
      ['unknown:name', secret],
      ['bid:unknown', secret],
      ['bid:submit', secret, secret],
    ]) {
      await chaincode.call({ on: 'none', person, args: words.map((word) => Buffer.from(word)) });
    }
    expect(chaincode.log.includes('UNKNOWN_TRANSACTION')).toBe(true);
    expect(chaincode.log.includes(secret)).toBe(false);
  });
});
