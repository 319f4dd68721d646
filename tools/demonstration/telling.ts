import type { Trail } from '@procurement/client';
import type { QueryResult } from '@procurement/protocol';
import type { Narrator } from './narrator';

type Award = QueryResult<'award:get'>;
type ExaminedBid = Award['lots'][number]['bids'][number];

const MINOR_IN_NGULTRUM = 100n;
const SIGNER_WIDTH = 34;
const COMMAND_WIDTH = 20;

/** Tells, lot by lot, what each bid came to and who was awarded. */
export function tellAward(narrator: Narrator, { lots }: Award): void {
  for (const { lotId, bids, award } of lots) {
    narrator.tell(`lot ${lotId}`);
    for (const bid of bids) narrator.tell(`  ${bid.vendorId}: ${finding(bid)}`);
    if (award?.outcome === 'awarded') {
      narrator.tell(`  awarded to ${award.vendorId} for ${ngultrum(award.amount)}`);
    }
  }
}

/** Tells who did what, one line a transaction. */
export function tellTrail(narrator: Narrator, { entries }: Trail): void {
  for (const { at, signer, command, blockNumber, validationCode } of entries) {
    const who = `${signer.subject} (${signer.mspId})`.padEnd(SIGNER_WIDTH);
    const what = command.padEnd(COMMAND_WIDTH);
    narrator.tell(`${at}  ${who} ${what} block ${blockNumber}  ${validationCode}`);
  }
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
