import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ORGANIZATIONS, Reject } from '@procurement/protocol';
import { readSettings } from '../config/settings';
import { Identities } from '../identity/identities';
import { TokenRegistry } from '../identity/tokens';
import { testBlock } from '../test-support/blocks';
import { FakeLedger } from '../test-support/fake-ledger';
import type { FakeCall } from '../test-support/fake-ledger';
import { newTestIdentity } from '../test-support/gateway-under-test';
import { Metrics } from '../metrics/metrics';
import { MemoryTrail } from '../trail/memory-trail';
import { CommandService } from '../transactions/command.service';
import { LedgerProgress } from '../transactions/ledger-progress';
import { QueryService } from '../transactions/query.service';
import { Closer } from './closer';
import { TURN_MS, turnMs } from './turn';

const service = newTestIdentity({ name: 'gateway', mspId: 'AuditorMSP', role: 'gateway' });
/** A tender whose close is the auditor's turn first, so that no test waits for other turns. */
const tenderId = firstFor('AuditorMSP');

let ledger: FakeLedger;
let metrics: Metrics;
let trail: MemoryTrail;
let closer: Closer;
let blocks = 0;
/** What the ledger says of the tender. */
let tender: { state: string; deadline: string; graceMs: number };

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'performance', 'queueMicrotask', 'setImmediate'] });
  ledger = new FakeLedger();
  metrics = new Metrics();
  trail = new MemoryTrail();
  blocks = 0;
  tender = { state: 'published', deadline: new Date().toISOString(), graceMs: 300 };
  ledger.chaincode = ({ transaction, transactionId, input }) => {
    if (transaction === 'tender:get') return { ...(input as object), ...tender };
    tender.state = 'closed';
    return { repeated: false, result: {}, transactionId };
  };
  closer = new Closer(
    readSettings({}),
    new Identities({ service, tokens: new TokenRegistry() }),
    new QueryService(ledger),
    new CommandService(ledger, new LedgerProgress()),
    metrics,
    trail,
  );
});

afterEach(() => {
  closer.onApplicationShutdown();
  jest.useRealTimers();
});

function firstFor(mspId: string, named = (name: string): string => name): string {
  const names = Array.from({ length: 100 }, (_, index) => named(`T-${index}`));
  return names.find((name) => turnMs({ mspId, tenderId: name }) === 0)!;
}

function commit(command: string, code = 0, of = tenderId): void {
  const transaction = {
    transactionId: blocks.toString(16).padStart(64, '0'),
    mspId: 'MinistryMSP',
    certificate: service.certificate,
    at: '2026-11-25T10:00:00.000Z',
    args: [command, JSON.stringify({ tenderId: of })],
    code,
  };
  trail.apply({ number: BigInt(blocks), bytes: testBlock(blocks, [transaction]) });
  blocks += 1;
}

/** Lets time pass, from timer to timer, until this transaction is called. */
async function called(transaction: string): Promise<FakeCall> {
  const seen = ledger.calls.length;
  for (;;) {
    await new Promise(setImmediate);
    const found = ledger.calls.slice(seen).find((call) => call.transaction === transaction);
    if (found !== undefined) return found;
    jest.advanceTimersToNextTimer();
  }
}

const names = (): string[] => ledger.calls.map(({ transaction }) => transaction);

describe('a gateway', () => {
  test('closes a published tender once deadline and grace have passed, as itself', async () => {
    commit('tender:publish');
    const { creator, input } = await called('tender:close');

    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(tender.deadline) + tender.graceMs);
    expect(creator.certificate).toBe(service.certificate);
    expect(input).toEqual({ requestId: tenderId, tenderId });
  });

  test('waits for the deadline of an amendment', async () => {
    const deadline = new Date(Date.now() + 600).toISOString();
    commit('tender:publish');
    await called('tender:get');
    Object.assign(tender, { amendments: [{ deadline }] });
    commit('tender:amend');
    await called('tender:close');

    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(deadline) + tender.graceMs);
  });

  test('tries again after a refusal, such as of a peer whose clock is behind', async () => {
    const answer = ledger.chaincode;
    let refusals = 1;
    ledger.chaincode = (call) => {
      if (call.transaction === 'tender:close' && refusals > 0) {
        refusals -= 1;
        throw new Reject('EARLY', { at: tender.deadline, opensAt: tender.deadline, tenderId });
      }
      return answer(call);
    };
    commit('tender:publish');
    await called('tender:close');
    await called('tender:close');

    expect(tender.state).toBe('closed');
    await new Promise(setImmediate);
    const counted = await metrics.text();
    expect(counted).toContain('procurement_close_attempts_total{code="EARLY"} 1\n');
    expect(counted).toContain('procurement_close_attempts_total{code="OK"} 1\n');
  });

  test('leaves alone what somebody else has closed meanwhile', async () => {
    commit('tender:publish');
    await called('tender:get');
    tender.state = 'closed';
    await called('tender:get');

    expect(names()).toEqual(['tender:get', 'tender:get']);
  });

  test('closes a tender whose cancellation only one organisation has asked for', async () => {
    commit('tender:publish');
    commit('tender:cancel');
    await called('tender:close');

    expect(names()).toContain('tender:close');
  });

  describe('with two envelopes for each bid', () => {
    const first = firstFor('AuditorMSP', (name) => `${name}.technical`);
    const second = first.replace('.technical', '.financial');

    /** The ledger has both; the second's deadline is later by so much. */
    function both(moreMs: number): { readonly readyMs: number } {
      const readyMs = Date.now() + moreMs + tender.graceMs;
      const answer = ledger.chaincode;
      ledger.chaincode = (call) => {
        const { tenderId: named } = call.input as { readonly tenderId: string };
        if (call.transaction !== 'tender:get' || named !== second) return answer(call);
        return {
          ...tender,
          tenderId: named,
          deadline: new Date(readyMs - tender.graceMs).toISOString(),
        };
      };
      return { readyMs };
    }

    test('closes the first, once the time of both has passed', async () => {
      const { readyMs } = both(900);
      commit('tender:publish', 0, second);
      commit('tender:publish', 0, first);
      const { input } = await called('tender:close');

      expect(Date.now()).toBeGreaterThanOrEqual(readyMs);
      expect(input).toEqual({ requestId: first, tenderId: first });
    });

    test('asks for nothing where only the second is published yet', () => {
      both(0);
      commit('tender:publish', 0, second);
      commit('tender:amend', 0, second);

      expect(jest.getTimerCount()).toBe(0);
    });
  });

  test('never asks for a tender that was closed in the blocks that follow', async () => {
    commit('tender:publish');
    commit('tender:close');
    const other = firstFor('MinistryMSP');
    expect(other).not.toBe(tenderId);
    commit('tender:publish', 11);
    commit('tender:amend');
    commit('tender:close', 11);
    await called('tender:get');

    expect(names()).toEqual(['tender:get']);
  });
});

test('the organisations take turns, each the first for some tenders', () => {
  for (const mspId of ORGANIZATIONS) {
    const first = firstFor(mspId);
    const turns = ORGANIZATIONS.map((each) => turnMs({ mspId: each, tenderId: first }));
    expect(turns.sort((left, right) => left - right)).toEqual([0, TURN_MS, 2 * TURN_MS]);
  }
});
