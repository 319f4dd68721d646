import type { TrailEntry } from './trail-index';

/** Steps of the opening of which there may be one for each bid. */
const OPENING = ['opening:combine', 'opening:strike', 'opening:selfOpen', 'opening:recordMissing'];

/** Steps whose records and payload would tell how many bids there are, or whose. */
const TELLING = new Set([
  ...['tender:close', 'award:recordTechnical', 'opening:postShares'],
  ...OPENING,
]);

/** Steps of which even the number of transactions would tell it. */
const COUNTING = new Set(['bid:submit', 'bid:confirm', 'bid:withdraw', ...OPENING]);

/** Steps that others take once bids may have come in. */
const AFTER_PUBLICATION = new Set([
  ...TELLING,
  ...COUNTING,
  ...['tender:amend', 'tender:cancel', 'opening:rehearse'],
]);

/** Who asks for a trail, and of what tender. */
export interface Viewer {
  readonly mspId: string;
  readonly spki: string;
  /** Whether the ledger says that the tender's bids have been opened. */
  readonly opened: boolean;
}

/** A transaction as one caller may see it; its block number may be one of the things left out. */
export type VisibleEntry = Omit<TrailEntry, 'blockNumber'> &
  Partial<Pick<TrailEntry, 'blockNumber'>>;

/** A trail as one caller may see it. */
export interface VisibleTrail {
  /** False while the rule of the sealed phase leaves something out. */
  readonly complete: boolean;
  readonly entries: readonly VisibleEntry[];
}

/** Whether a transaction, read whole before the opening, tells who has bid, or how many. */
export function isTelling({ command }: Pick<TrailEntry, 'command'>): boolean {
  return TELLING.has(command) || COUNTING.has(command);
}

function isLaterChunk(entry: TrailEntry): boolean {
  const payload = entry.event?.payload;
  const chunk =
    typeof payload === 'object' && payload !== null && 'chunk' in payload ? payload.chunk : 0;
  return entry.command === 'opening:postShares' && chunk !== 0;
}

function isOwn(entry: TrailEntry, viewer: Viewer): boolean {
  return entry.signer.mspId === viewer.mspId && entry.signer.spki === viewer.spki;
}

/** From the publication on, the distance between two blocks tells how many bids there are. */
function withoutPlace(entry: TrailEntry): VisibleEntry {
  const { blockNumber, ...rest } = entry;
  return AFTER_PUBLICATION.has(entry.command) ? rest : { ...rest, blockNumber };
}

function withoutCounts(entry: TrailEntry, viewer: Viewer): VisibleEntry {
  const placed = isOwn(entry, viewer) ? entry : withoutPlace(entry);
  if (!TELLING.has(entry.command)) {
    return placed;
  }
  return { ...placed, changes: [], event: entry.event && { name: entry.event.name } };
}

/**
 * What a caller may see of a tender's trail. Until the tender is opened nothing in it tells who
 * else has bid, or how many: bids of others and the transactions that combine them are left out,
 * and the steps of closing and opening are shown without the records they wrote and without their
 * place in the chain.
 * @param entries the whole trail, in the ledger's order
 */
export function visibleTrail(entries: readonly TrailEntry[], viewer: Viewer): VisibleTrail {
  if (viewer.opened) {
    return { complete: true, entries };
  }
  const visible = entries.filter((entry) => {
    const hidden = COUNTING.has(entry.command) || isLaterChunk(entry);
    return !hidden || isOwn(entry, viewer);
  });
  return { complete: false, entries: visible.map((entry) => withoutCounts(entry, viewer)) };
}
