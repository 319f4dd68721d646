import type { Trail } from '@procurement/client';
import type { QueryResult } from '@procurement/protocol';
import type { Narrator } from './narrator';

type Award = QueryResult<'award:get'>;
type ExaminedBid = Award['lots'][number]['bids'][number];

const MINOR_IN_NGULTRUM = 100n;
/** Where the time begins in an instant such as 2026-01-31T09:00:00.000Z. */
const TIME_OF_DAY_FROM = 11;

/** Tells, lot by lot, what each bid came to and who was awarded. */
export function tellAward(narrator: Narrator, { lots }: Award): void {
  for (const { lotId, bids, ranks, award } of lots) {
    narrator.tell(`lot ${lotId}`);
    for (const bid of bids) narrator.tell(`  ${bid.vendorId}: ${finding(bid)}`);
    if (award?.outcome === 'awarded') {
      const drawn = ranks[1]?.evaluatedAmount === award.amount ? ', drawn among equals' : '';
      narrator.tell(`  awarded to ${award.vendorId} for ${ngultrum(award.amount)}${drawn}`);
    }
  }
}

/** Tells who did what, one line a transaction, in columns. */
export function tellTrail(narrator: Narrator, { entries }: Trail): void {
  const rows = entries.map(({ at, signer, command, blockNumber, validationCode }) => [
    at.slice(TIME_OF_DAY_FROM),
    commonName(signer.subject),
    signer.mspId,
    command,
    blockNumber === undefined ? '' : `block ${blockNumber}`,
    validationCode,
  ]);
  const widths = rows[0]?.map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const [day] = entries.map(({ at }) => at.slice(0, TIME_OF_DAY_FROM - 1));
  narrator.tell(`on ${day ?? 'no day'}, times in UTC`);
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0));
    narrator.tell(cells.join('  ').trimEnd());
  }
}

/** The name in a certificate's subject (`CN=…`); the whole subject where it has none. */
export function commonName(subject: string): string {
  return /(?:^|[,/+\n])\s*CN=([^,/+\n]+)/.exec(subject)?.[1] ?? subject;
}

function finding({ responsive, defects, evaluatedAmount, typedTotal }: ExaminedBid): string {
  if (!responsive) return `not responsive: ${defects.map(({ code }) => code).join(', ')}`;
  const evaluated = ngultrum(evaluatedAmount ?? '0');
  if (typedTotal === undefined || typedTotal === evaluatedAmount) return evaluated;
  return `${evaluated}, computed; the total it typed was ${ngultrum(typedTotal)}`;
}

function ngultrum(amount: string): string {
  const minor = BigInt(amount);
  const whole = (minor / MINOR_IN_NGULTRUM).toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `Nu. ${whole}.${(minor % MINOR_IN_NGULTRUM).toString().padStart(2, '0')}`;
}
