import type { ProcurementApi } from '@procurement/client';
import { bidders } from '@procurement/tools/demonstration/scenario';
import {
  openTender,
  pastInstant,
  publishTender,
  registerVendors,
  sealOneLine,
  startSystem,
  type System,
} from '../support/procedure';
import { runLoad } from './load';
import { report, say } from './report';

const inFlight = 64;
const biddingMs = 60_000;
const graceMs = 500;
const conditions =
  '1 KiB bids of 5 vendors, committee of 5 with 3 needed, over HTTP through gateway, three ' +
  'organisations with a chaincode process each, 10 ms batches, client on the same 2 cores';

/** How fast sealed bids are taken, and how long it takes to open a hundred. */
export async function benchBids(): Promise<void> {
  const system = await startSystem();
  try {
    await registerVendors(system.people);
    await benchTender(system, { tenderId: 'bench-submit', lotCount: 50, isOpened: false });
    await benchTender(system, { tenderId: 'bench-open', lotCount: 20, isOpened: true });
  } finally {
    await system.stop();
  }
}

async function benchTender(
  { people }: System,
  bench: { readonly tenderId: string; readonly lotCount: number; readonly isOpened: boolean },
): Promise<void> {
  const { tenderId, lotCount } = bench;
  say(`${tenderId}: sealing ${lotCount * bidders.length} bids`);
  const { draft, openingKeys } = await publishTender({
    ...{ people, tenderId, lotCount, graceMs },
    biddingMs,
  });
  const bids: (() => ReturnType<ProcurementApi['submitBid']>)[] = [];
  for (let lotNumber = 1; lotNumber <= lotCount; lotNumber += 1) {
    for (const { person } of bidders) {
      const api = people.vendors.get(person);
      if (api === undefined) continue;
      const bid = { people, vendor: person, tenderId, lotNumber, rate: '12500' };
      const submission = await sealOneLine(bid);
      bids.push(() => api.submitBid(tenderId, submission));
    }
  }
  say(`${tenderId}: submitting`);
  const result = await runLoad({
    inFlight,
    durationMs: Number.POSITIVE_INFINITY,
    countMax: bids.length,
    call: async (index) => bids[index]?.(),
  });
  if (!bench.isOpened) {
    const value = result.callsPerSecond;
    const name = 'bids.submit.tps';
    const more = `${bids.length} bids, ${inFlight} in flight, proofs checked by two organisations`;
    report({ name, value, unit: 'tx/s', conditions: `${more}, ${conditions}` });
    return;
  }
  await pastInstant(Date.parse(draft.deadline) + graceMs);
  await people.auditor.close(tenderId, { requestId: `close-${tenderId}` });
  say(`${tenderId}: opening`);
  const openedAt = performance.now();
  await openTender(people, tenderId, openingKeys);
  const value = (performance.now() - openedAt) / 1000;
  const more = 'three officers verify every deal, prove and post; combined and decrypted';
  report({ name: 'bids.open.100.s', value, unit: 's', conditions: `${more}, ${conditions}` });
}
