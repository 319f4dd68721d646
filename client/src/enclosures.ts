/** Documents of opened bids: out of the stores, opened with what the opening made known. */
import type { BidEnclosure, BidView } from '@procurement/protocol';
import { type BidName, type Committee, openDocument, ready } from '@procurement/sealed';
import type { ProcurementApi } from './api';
import { readBidText } from './bid-text';
import { readCommittee } from './committee';
import { type DocumentStore, fetchStored } from './document-store';
import { readFixedList } from './listed-bids';

/** A document of an opened bid, which {@link readEnclosure} reads. */
export interface OpenedEnclosure {
  readonly lotId: string;
  readonly vendorId: string;
  /** Its place in the bid, from 1. */
  readonly number: number;
  /** What the opened bid says of it. */
  readonly entry: BidEnclosure;
  /** Names of the stores that have signed for it. */
  readonly stores: readonly string[];
  readonly sealed: {
    readonly committee: Committee;
    readonly bid: BidName;
    /** The bid's combined secret, base64url. */
    readonly secret: string;
  };
}

/**
 * The documents of all opened bids of a tender, in the order of the ledger's list; undefined where
 * the bids are not opened yet.
 * @throws {CheckFailed} where the ledger contradicts itself
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function listEnclosures(source: {
  readonly api: ProcurementApi;
  readonly witness?: ProcurementApi | undefined;
  readonly tenderId: string;
}): Promise<readonly OpenedEnclosure[] | undefined> {
  await ready();
  const { api, tenderId } = source;
  const { bids, complete } = await api.bids(tenderId);
  if (!complete) return undefined;
  const { committee } = await readCommittee(source);
  const { bids: listed = [] } = await readFixedList(api, tenderId);
  const keys = new Map(listed.map(({ bidKey, vendorSpki }) => [bidKey, vendorSpki]));
  return bids.flatMap((view) => enclosuresOf(view, { committee, keys }));
}

/**
 * A document itself. It is the one that its vendor sealed: its hash stands in the opened bid.
 * @param stores those that have signed for it; the first one that has it is enough
 * @throws {SealError} where it does not open to what the bid lists
 * @throws {CheckFailed | ApiProblem | ApiUnreachable} where no store gives it
 */
export async function readEnclosure(
  { entry, sealed }: OpenedEnclosure,
  stores: readonly DocumentStore[],
): Promise<Uint8Array> {
  const ciphertext = await fetchStored(stores, entry);
  const { sha256: id, ctHash, ctLen } = entry;
  return openDocument({ ...sealed, entry: { id, ctHash, ctLen }, ciphertext });
}

function enclosuresOf(
  { bidKey, lotId, vendorId, version, S: secret, document, receipts = [] }: BidView,
  source: { readonly committee: Committee; readonly keys: ReadonlyMap<string, string> },
): OpenedEnclosure[] {
  const vendorSpki = source.keys.get(bidKey);
  if (secret === undefined || document === undefined || vendorSpki === undefined) return [];
  const bid = { lotId, vendorId, vendorSpki, version };
  return enclosed(source.committee.tenderId, document).map((entry, index) => {
    const stores = receipts.filter(({ ctHash }) => ctHash === entry.ctHash);
    return {
      ...{ lotId, vendorId, number: index + 1, entry },
      stores: stores.map(({ store }) => store),
      sealed: { committee: source.committee, bid, secret },
    };
  });
}

/** What an opened text encloses; nothing where it is no bid, which the evaluation will say. */
function enclosed(tenderId: string, text: string): readonly BidEnclosure[] {
  return readBidText(tenderId, text)?.documents ?? [];
}
