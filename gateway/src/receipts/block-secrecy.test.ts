import { describe, expect, test } from '@jest/globals';
import { Reject } from '@procurement/protocol';
import { Identities } from '../identity/identities';
import type { Person } from '../identity/person';
import { TokenRegistry } from '../identity/tokens';
import { testBlock } from '../test-support/blocks';
import type { TestTransaction } from '../test-support/blocks';
import { FakeLedger } from '../test-support/fake-ledger';
import { newTestIdentity } from '../test-support/gateway-under-test';
import { QueryService } from '../transactions/query.service';
import { BlockSecrecy } from './block-secrecy';

const service = newTestIdentity({ name: 'gateway', mspId: 'AuditorMSP', role: 'gateway' });
const [mine, theirs] = ['vendor-1', 'vendor-2'].map((name) =>
  newTestIdentity({ name, mspId: 'VendorMSP', role: 'vendor' }),
);
const person: Person = {
  ...mine!,
  known: { mspId: 'VendorMSP', spki: mine!.spki, role: 'vendor' },
};

let transactions = 0;
function step(
  signer: typeof mine,
  command: string,
  more: Partial<TestTransaction> = {},
): TestTransaction {
  transactions += 1;
  return {
    transactionId: transactions.toString(16).padStart(64, '0'),
    mspId: 'VendorMSP',
    certificate: signer!.certificate,
    at: '2026-11-25T10:00:00.000Z',
    args: [command, JSON.stringify({ tenderId: 'T-1' })],
    ...more,
  };
}

function tellsOfOthers(
  steps: readonly TestTransaction[],
  tender: FakeLedger['chaincode'],
): Promise<boolean> {
  const ledger = new FakeLedger();
  ledger.chaincode = tender;
  const identities = new Identities({ service, tokens: new TokenRegistry() });
  const secrecy = new BlockSecrecy(identities, new QueryService(ledger));
  return secrecy.tellsOfOthers(testBlock(1, steps), person);
}

describe('a block of a sealed tender', () => {
  const sealed = () => ({ tenderId: 'T-1', state: 'published' });

  test('may be shown to whoever signed all that is in it', async () => {
    const own = [step(mine, 'bid:submit'), step(mine, 'bid:withdraw')];
    expect(await tellsOfOthers(own, sealed)).toBe(false);
  });

  test('may be shown with steps of others that count no bids', async () => {
    const steps = [step(mine, 'bid:submit'), step(theirs, 'vendor:register')];
    expect(await tellsOfOthers(steps, sealed)).toBe(false);
  });

  test.each([
    ...['bid:submit', 'bid:confirm', 'bid:withdraw', 'opening:combine', 'opening:selfOpen'],
    ...['tender:close', 'opening:postShares'],
  ])('tells of others where it holds their %s', async (command) => {
    const steps = [step(mine, 'bid:submit'), step(theirs, command)];
    expect(await tellsOfOthers(steps, sealed)).toBe(true);
  });

  test('tells of them even where their step failed', async () => {
    const steps = [step(mine, 'bid:submit'), step(theirs, 'bid:submit', { code: 11 })];
    expect(await tellsOfOthers(steps, sealed)).toBe(true);
  });

  test('tells of them where the ledger does not say that the tender is opened', async () => {
    const refuse = (): never => {
      throw new Reject('NOT_FOUND', { id: 'T-1', kind: 'tender' });
    };
    expect(await tellsOfOthers([step(theirs, 'bid:submit')], refuse)).toBe(true);
    const nameless = step(theirs, 'bid:submit', { args: ['bid:submit', '{}'] });
    expect(await tellsOfOthers([nameless], sealed)).toBe(true);
  });
});

test('a block that fixes the list of second envelopes tells of them until they are opened', async () => {
  const args = ['award:recordTechnical', JSON.stringify({ tenderId: 'T-1.technical' })];
  const steps = [step(theirs, '', { args })];
  const answer =
    (opened: readonly string[]): FakeLedger['chaincode'] =>
    ({ input }) => {
      const { tenderId } = input as { readonly tenderId: string };
      return { tenderId, ...(opened.includes(tenderId) ? { opened: {} } : {}) };
    };
  expect(await tellsOfOthers(steps, answer(['T-1.technical']))).toBe(true);
  expect(await tellsOfOthers(steps, answer(['T-1.technical', 'T-1.financial']))).toBe(false);
});

test('a block of an opened tender may be shown to everyone', async () => {
  const opened = () => ({ tenderId: 'T-1', state: 'opened', opened: {} });
  expect(await tellsOfOthers([step(theirs, 'bid:submit')], opened)).toBe(false);
});
