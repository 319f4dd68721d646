/** What an auditor, or anyone, reads about a whole tender, and about oneself. */
import { Transaction } from 'fabric-contract-api';
import type { SharesView, TenderRecord } from '@procurement/protocol';
import { whoIs } from '../domain/caller';
import { isOpened } from '../domain/phase';
import { viewTender } from '../domain/tender';
import { readingOf } from '../domain/time';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { listedBids } from './bid-views';
import { runQuery } from './calls';
import { processEnvironment } from './environment';
import { lotResults } from './evaluation-steps';
import { ProcurementContract } from './procurement-contract';

/** Transactions `audit:…`. */
export class AuditContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('audit', environment);
  }

  /** The whole record of a tender; bids and shares only once it is opened. */
  @Transaction(false)
  async record(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'audit:record', context, text: input }, async ({ tenderId }) => {
      const tender = await context.requireTender(tenderId);
      const { records } = context;
      return {
        tender: viewTender(tender),
        committee: await records.committeeKeys.list(tenderId),
        shares: isOpened(tender) ? await postedShares(context, tender) : [],
        bids: isOpened(tender) ? await listedBids(context, tender) : [],
        lots: await lotResults(context, tender),
        technical: await records.technicalEvaluations.find(tenderId),
        award: await records.awards.find(tenderId),
      };
    });
  }

  /** The endorser's clock, for whoever watches it: asked of one peer, since no two answer alike. */
  @Transaction(false)
  async clock(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'audit:clock', context, text: input }, () =>
      Promise.resolve(readingOf(context.times)),
    );
  }

  /** Who the caller is to the ledger. */
  @Transaction(false)
  async whoami(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'audit:whoami', context, text: input }, async () => {
      const { mspId, spki } = context.caller;
      const vendor = await context.records.vendorOwners.find(mspId, spki);
      return whoIs(context.caller, vendor?.vendorId);
    });
  }
}

async function postedShares(
  { records }: ProcurementContext,
  { tenderId }: TenderRecord,
): Promise<SharesView[]> {
  return (await records.shares.list(tenderId)).map(({ shares, posted }) => ({
    seat: shares.seat,
    chunk: shares.chunk,
    posted,
  }));
}
