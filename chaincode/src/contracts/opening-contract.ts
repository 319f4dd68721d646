/** The opening committee: its keys, its shares, and the bids opened with them. */
import { Transaction } from 'fabric-contract-api';
import {
  bidKeyOf,
  type BidListRecord,
  type BidState,
  type ListedBid,
  type TenderRecord,
} from '@procurement/protocol';
import { checkRegistration, checkShares, chunkCount } from '@procurement/sealed';
import { isSamePerson } from '../domain/caller';
import { requireSeatHolder } from '../domain/committee';
import {
  openingStatus,
  requireFewCiphertexts,
  requireNames,
  selectNamed,
  selectNext,
} from '../domain/opening';
import { isOpened } from '../domain/phase';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { requireList } from './bid-lists';
import { runCommand, runQuery } from './calls';
import { committeeOf } from './committees';
import { processEnvironment } from './environment';
import { finishBids, readOpening, recordMissing, selfOpen, strike } from './opening-ends';
import { bidsOfChunk, combineBids, isReady, requireSomeReady, sharesOf } from './opening-steps';
import { ProcurementContract } from './procurement-contract';
import { recordRehearsal, rehearsedSeats } from './rehearsals';

/** Transactions `opening:…`. */
export class OpeningContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('opening', environment);
  }

  /**
   * Registers the opening key of a seat, or replaces it while the tender is a draft.
   * Requirements: the caller is the one appointed to the seat; the key was never registered, in any
   * tender; the caller has proved to hold its secret.
   * @throws {Reject} FORMAT, SIGNER, SCALAR, POINT, IDENTITY, DUPLICATE or POP
   */
  @Transaction()
  async registerKey(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'opening:registerKey', context, text: input }, async (command) => {
      const { committeeKeys, openingKeys } = context.records;
      const { tenderId, seat, y } = command.key;
      const tender = await context.requireTender(tenderId);
      const taken = await openingKeys.find(y);
      await checkRegistration({
        tender: context.tenderName(tenderId),
        key: command.key,
        signer: context.caller,
        appointments: tender.committee.seats,
        isKeyTaken: () => Promise.resolve(taken !== undefined),
      });
      await openingKeys.put({ schema: 'opening-key-reference/1', tenderId, seat }, y);
      await committeeKeys.find(tenderId, seat);
      await committeeKeys.put(
        { schema: 'committee-key/1', key: command.key, registered: context.fact },
        ...[tenderId, seat],
      );
      context.emit({ name: 'CommitteeKeyRegistered', payload: { tenderId, seat } });
      return { tenderId, seat };
    });
  }

  /**
   * Takes a seat's rehearsal: a new proof that the key which it registered is still at hand, by a
   * member whose certificate lasts until the opening ends.
   * @throws {Reject} PHASE, NOT_FOUND, SIGNER, KEY, SCALAR or POP
   */
  @Transaction()
  async rehearse(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'opening:rehearse', context, text: input }, async (command) => {
      const { tenderId, seat, moment } = command.rehearsal;
      await recordRehearsal(context, command.rehearsal);
      context.emit({ name: 'OpeningRehearsed', payload: { tenderId, seat } });
      return { tenderId, seat, moment };
    });
  }

  /**
   * Takes a seat's opening shares for one chunk of the list.
   * Requirements: those of TSEAL-V1 section 8.
   * @throws {Reject} STATE, SEAT, LIST, CHUNK, REPEAT, COUNT, SCALAR, POINT, IDENTITY or OPEN
   */
  @Transaction()
  async postShares(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'opening:postShares', context, text: input }, async (command) => {
      const { records, caller } = context;
      const { tenderId, seat, chunk } = command.shares;
      const tender = await context.requireTender(tenderId);
      const list = await requireList(context, tenderId);
      const holder = tender.committee.seats.find((place) => place.seat === seat);
      const isHolder = holder !== undefined && isSamePerson(holder, caller);
      const isInRange = chunk >= 0 && chunk < chunkCount(list.entries.length);
      const place = [tenderId, Math.max(chunk, 0), Math.max(seat, 0)] as const;
      const accepted = await records.shares.find(...place);
      checkShares({
        committee: committeeOf(context, tender),
        message: command.shares,
        list: { listHash: list.listHash, count: list.entries.length },
        deals: isHolder && isInRange ? await dealsOf(context, list, chunk) : [],
        // A key hash alone does not name a person: the organisation belongs to it.
        posterSpki: isHolder ? caller.spki : '',
        // Shares for a list from which a bid was struck since have lapsed.
        isAccepted: accepted?.shares.listHash === list.listHash,
      });
      const record = { schema: 'shares/1', shares: command.shares, posted: context.fact } as const;
      await records.shares.put(record, ...place);
      context.emit({ name: 'SharesPosted', payload: { tenderId, seat, chunk } });
      return { tenderId, seat, chunk };
    });
  }

  /**
   * Opens bids for which enough seats have posted: those named, or the next of the list. The last
   * listed bid's final state opens the tender.
   * Requirements: of the bids named at least one can be taken; the others are answered as refused.
   * @throws {Reject} LIMIT, NOT_FOUND, STATE, FEW, MISSING or CT_HASH
   */
  @Transaction()
  async combine(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'opening:combine', context, text: input }, async (command) => {
      const { tenderId, bidKeys, ciphertexts = {} } = command;
      const closed = await context.requireTender(tenderId);
      if (bidKeys !== undefined) requireNames(bidKeys);
      requireFewCiphertexts(ciphertexts);
      const opening = await readOpening(context, closed);
      const { list, progress } = opening;
      const shares = await sharesOf(context, list);
      requireSomeReady(closed, shares);
      const ready = (position: number): boolean => isReady(closed, shares, position);
      const supplied = new Set(Object.keys(ciphertexts));
      const selection =
        bidKeys === undefined
          ? selectNext(list, progress, ready, supplied)
          : selectNamed(list, progress, bidKeys);
      const committee = committeeOf(context, closed);
      const given = { committee, selection, shares, ciphertexts };
      const event = { name: 'BidsCombined', payload: { tenderId } } as const;
      return finishBids(context, { ...opening, ...(await combineBids(context, given)), event });
    });
  }

  /**
   * Takes a listed bid whose deal is false off the list; shares for the list before lapse. Such a
   * bid cannot come from honest endorsers.
   * Requirements: the bid is listed without a final state, and fails what its submission passed.
   * @throws {Reject} DEAL_HOLDS
   */
  @Transaction()
  async strike(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'opening:strike', context, text: input }, (command) =>
      strike(context, command),
    );
  }

  /**
   * Opens the caller's own bid by the secret that its vendor has kept.
   * Requirements: those of TSEAL-V1 section 10.
   * @throws {Reject} NOT_REGISTERED, STATE, SCALAR, POINT, IDENTITY, SELF, MISSING or CT_HASH
   */
  @Transaction()
  async selfOpen(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'opening:selfOpen', context, text: input }, (command) =>
      selfOpen(context, command),
    );
  }

  /**
   * Records final states for bids that nobody could open until the end of the opening: without
   * bytes, or without enough shares.
   * @throws {Reject} EARLY, LIMIT, FORMAT, NOT_FOUND, STATE or OPENABLE
   */
  @Transaction()
  async recordMissing(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'opening:recordMissing', context, text: input }, (command) => {
      if (command.bidKeys !== undefined) requireNames(command.bidKeys);
      return recordMissing(context, command);
    });
  }

  /**
   * The fixed list with its envelopes, or one chunk of it. Until the tender is opened for seat
   * holders only, whose shares are made for it.
   * @throws {Reject} STATE or SEAT
   */
  @Transaction(false)
  async list(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'opening:list', context, text: input }, async (query) => {
      const { tenderId, chunk } = query;
      const tender = await context.requireTender(tenderId);
      if (!isOpened(tender)) requireSeatHolder(tender.committee, context.caller);
      const list = await requireList(context, tenderId);
      const chunks = chunkCount(list.entries.length);
      const wanted = chunk === undefined ? [...Array(chunks).keys()] : [chunk];
      const bids: ListedBid[] = [];
      for (const number of wanted) bids.push(...(await listedBidsOf(context, list, number)));
      return { tenderId, listHash: list.listHash, count: list.entries.length, chunks, bids };
    });
  }

  /** Which seats have posted. Numbers of bids are there only once the tender is opened. */
  @Transaction(false)
  async status(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'opening:status', context, text: input }, async ({ tenderId }) => {
      const tender = await context.requireTender(tenderId);
      const list = await context.records.bidLists.find(tenderId);
      const chunks = chunkCount(list?.entries.length ?? 0);
      const posted = new Map<number, Set<number>>();
      for (const { shares } of await context.records.shares.list(tenderId)) {
        if (shares.listHash !== list?.listHash) continue;
        posted.set(shares.seat, (posted.get(shares.seat) ?? new Set()).add(shares.chunk));
      }
      const states = await finalStates(context, tender);
      const rehearsed = await rehearsedSeats(context, tenderId);
      return openingStatus({ tender, chunks, posted, rehearsed, states });
    });
  }
}

async function dealsOf(
  context: ProcurementContext,
  list: BidListRecord,
  chunk: number,
): Promise<readonly { readonly Y: readonly string[] }[]> {
  return (await bidsOfChunk(context, list, chunk)).map(({ envelope }) => envelope);
}

async function listedBidsOf(
  context: ProcurementContext,
  list: BidListRecord,
  chunk: number,
): Promise<ListedBid[]> {
  return (await bidsOfChunk(context, list, chunk)).map((bid) => {
    const { lotId, vendorId, version, envelopeHash, envelope } = bid;
    const bidKey = bidKeyOf(bid);
    const vendorSpki = bid.owner.spki;
    return { bidKey, lotId, vendorId, vendorSpki, version, envelopeHash, envelope };
  });
}

async function finalStates(
  { records }: ProcurementContext,
  tender: TenderRecord,
): Promise<readonly BidState[] | undefined> {
  if (!isOpened(tender)) return undefined;
  return (await records.bidOutcomes.list(tender.tenderId)).map(({ state }) => state);
}
