import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bidders } from '@procurement/tools/demonstration/scenario';
import { send } from './support/http';
import {
  malformed,
  onlyId,
  type Refusal,
  unauthorised,
  wrongBids,
  wrongPhases,
  wrongSteps,
} from './support/refusal-rows';
import { newRefusalWorld, type RefusalWorld } from './support/refusal-world';

let world: RefusalWorld;
let stop = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  world = await newRefusalWorld();
  ({ stop } = world);
}, 180_000);

afterAll(async () => {
  await stop();
});

async function ask(row: Refusal): Promise<{ request: string; text: string; problem: unknown }> {
  const body = row.body?.(world);
  const token = row.by === undefined ? undefined : world.token(row.by);
  const path = `/api/v1${row.path}`;
  const { mediaType, text } = await send(world.system.stack.url, {
    ...{ path, token, body },
    ...row.raw,
  });
  expect(mediaType).toBe('application/problem+json');
  const request = `${path} ${JSON.stringify(body ?? '')}`;
  return { request, text, problem: JSON.parse(text) as unknown };
}

/** Refused as the row says, with nothing written, and with no word of another bidder. */
async function expectRefusal(row: Refusal): Promise<void> {
  const before = await world.ledger.height();
  const { request, text, problem } = await ask(row);
  const { status, code, args } = row;
  expect(problem).toMatchObject({ status, code, ...(args && { args }) });
  expect(problem).toMatchObject({
    type: `urn:procurement:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    instance: `/api/v1${row.path.split('?')[0]}`,
  });
  expect(await world.ledger.height()).toBe(before);
  for (const { vendorId, name } of bidders) {
    if (vendorId === row.by || request.includes(vendorId)) continue;
    expect(text).not.toContain(vendorId);
    expect(text).not.toContain(name);
  }
}

describe('refused, with nothing written and no word of another bidder:', () => {
  test.each(malformed.map((row) => [row.what, row] as const))('malformed: %s', async (_, row) => {
    await expectRefusal(row);
  });

  test.each(unauthorised.map((row) => [row.what, row] as const))('caller: %s', async (_, row) => {
    await expectRefusal(row);
  });

  test.each(wrongPhases.map((row) => [row.what, row] as const))('phase: %s', async (_, row) => {
    await expectRefusal(row);
  });

  test.each(wrongBids.map((row) => [row.what, row] as const))('bid: %s', async (_, row) => {
    await expectRefusal(row);
  });

  test.each(wrongSteps.map((row) => [row.what, row] as const))('step: %s', async (_, row) => {
    await expectRefusal(row);
  });
});

describe('before the opening', () => {
  const steps = ['publication', 'closure', 'combination', 'evaluation', 'award', 'cancellation'];

  /** What a refusal says, whichever the tender and the moment. */
  async function refusalAt(by: string, tenderId: string, step: string): Promise<string> {
    const path = `/tenders/${tenderId}/${step}`;
    const row = { what: step, by, path, body: onlyId, status: 0, code: '' };
    const { text } = await ask(row);
    return text
      .replaceAll(`"${tenderId}"`, 'tender')
      .replaceAll(`/${tenderId}/`, 'tender')
      .replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, 'instant')
      .replaceAll(/[0-9a-f]{64}/g, 'transaction');
  }

  test.each(['vendor-2', 'auditor', 'tashi'])(
    '%s is refused alike with bids as without',
    async (by) => {
      for (const step of steps) {
        expect(await refusalAt(by, 'open', step)).toBe(await refusalAt(by, 'other', step));
      }
    },
  );
});
