/** Rehearsals of the opening: whether every key is still at hand. */
import {
  type CommandInput,
  type CommitteeKeyRecord,
  Reject,
  type TenderRecord,
  tenderState,
} from '@procurement/protocol';
import { checkRehearsal, type RehearsalOf } from '@procurement/sealed';
import { isSamePerson } from '../domain/caller';
import { requireCertificateUntil } from '../domain/key';
import { openingEndMs } from '../domain/time';
import type { ProcurementContext } from '../ledger/procurement-context';

type Rehearsal = CommandInput<'opening:rehearse'>['rehearsal'];

/** The state of a tender in which each moment is rehearsed. */
const STATES: Readonly<Record<Rehearsal['moment'], readonly string[]>> = {
  publication: ['draft'],
  opening: ['published', 'closed'],
};

/**
 * Checks a rehearsal of the caller's seat and records it. The caller's certificate has to last
 * until the opening ends: a tender is not longer than the certificates of those who open it.
 * @throws {Reject} PHASE, NOT_FOUND, SIGNER, KEY, SCALAR or POP
 */
export async function recordRehearsal(
  context: ProcurementContext,
  rehearsal: Rehearsal,
): Promise<void> {
  const { records, caller, fact } = context;
  const { tenderId, moment, seat, proof } = rehearsal;
  const tender = await context.requireTender(tenderId);
  const current = tenderState(tender);
  if (!STATES[moment].includes(current)) {
    throw new Reject('PHASE', { tenderId, current, allowed: STATES[moment] });
  }
  const registered = await records.committeeKeys.get(tenderId, seat);
  if (!isSamePerson(registered.key, caller)) throw new Reject('SIGNER', { item: 'creator' });
  requireCertificateUntil(caller, openingEndMs(tender));
  const about = rehearsalOf({ context, tender, registered, moment });
  checkRehearsal(about, proof);
  const { since } = about;
  await records.rehearsals.find(tenderId, moment, seat);
  const record = { schema: 'rehearsal/1', rehearsal, since, rehearsed: fact } as const;
  await records.rehearsals.put(record, tenderId, moment, seat);
}

/**
 * Refuses the publication while a seat has not shown that its key is at hand. A key registered anew
 * has to be rehearsed anew.
 * @throws {Reject} REHEARSAL
 */
export async function requireRehearsals(
  context: ProcurementContext,
  tender: TenderRecord,
): Promise<void> {
  const { tenderId } = tender;
  const registered = await context.records.committeeKeys.list(tenderId);
  const rehearsals = await context.records.rehearsals.list(tenderId, 'publication');
  const isRehearsed = (record: CommitteeKeyRecord): boolean =>
    rehearsals.some(
      ({ rehearsal, since }) =>
        rehearsal.seat === record.key.seat && since === record.registered.transactionId,
    );
  const missing = registered.filter((record) => !isRehearsed(record)).map(({ key }) => key.seat);
  if (missing.length > 0) throw new Reject('REHEARSAL', { seats: missing.map(String) });
}

/** Seats that have shown since the publication that their key is at hand. */
export async function rehearsedSeats(
  { records }: ProcurementContext,
  tenderId: string,
): Promise<ReadonlySet<number>> {
  const rehearsed = await records.rehearsals.list(tenderId, 'opening');
  return new Set(rehearsed.map(({ rehearsal }) => rehearsal.seat));
}

function rehearsalOf(about: {
  readonly context: ProcurementContext;
  readonly tender: TenderRecord;
  readonly registered: CommitteeKeyRecord;
  readonly moment: Rehearsal['moment'];
}): RehearsalOf {
  const { context, tender, registered, moment } = about;
  const { mspId, spki, seat, y } = registered.key;
  const since =
    moment === 'publication'
      ? registered.registered.transactionId
      : (tender.listFixed ?? tender.published ?? tender.created).transactionId;
  return { ...context.tenderName(tender.tenderId), mspId, spki, seat, y, moment, since };
}
