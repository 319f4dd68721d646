import { otherEnvelopeOf } from '@procurement/protocol';

/** Who signed a transaction. */
export interface TrailSigner {
  readonly mspId: string;
  /** Certificate subject, the most specific part first. */
  readonly subject: string;
  /** SHA-256 of the DER SubjectPublicKeyInfo, base64url. */
  readonly spki: string;
}

/** One transaction as the ledger's blocks tell it, valid or not. */
export interface TrailEntry {
  /** Time of the transaction's header, which the endorsers held against their clocks. */
  readonly at: string;
  readonly signer: TrailSigner;
  /** `contract:function`. */
  readonly command: string;
  readonly tenderId: string | undefined;
  /** Block number, decimal. */
  readonly blockNumber: string;
  readonly transactionId: string;
  /** Name in Fabric, such as `VALID` or `MVCC_READ_CONFLICT`. */
  readonly validationCode: string;
  /** Records by name, such as `tender/T-1`; an invalid transaction changed none of them. */
  readonly changes: readonly TrailChange[];
  readonly event: TrailEvent | undefined;
}

/** One record that a transaction wrote. */
export interface TrailChange {
  readonly record: string;
  readonly removed: boolean;
}

/** What the chaincode said had happened. */
export interface TrailEvent {
  readonly name: string;
  readonly payload?: unknown;
}

/** Steps that the two tenders of one procurement take together, on whichever they are asked for. */
const OF_BOTH_ENVELOPES = ['tender:close', 'tender:cancel', 'award:recordTechnical'];

/**
 * Every tender that a transaction concerns: its own, and that of the other envelope of the same
 * bids where both close, end, or have the second's list fixed. None where it names none.
 */
export function tendersOf({
  command,
  tenderId,
}: Pick<TrailEntry, 'command' | 'tenderId'>): readonly string[] {
  if (tenderId === undefined) return [];
  const other = OF_BOTH_ENVELOPES.includes(command) ? otherEnvelopeOf(tenderId) : undefined;
  return other === undefined ? [tenderId] : [tenderId, other];
}

/** Transactions of the ledger by tender. A read model may stand behind it. */
export interface TrailIndex {
  /**
   * All transactions that concern one tender in the ledger's order, as nobody in particular may
   * see them: apply {@link visibleTrail} before answering anyone.
   */
  entries(tenderId: string): Promise<readonly TrailEntry[]>;

  /**
   * Waits until the block is in the index.
   * @param blockNumber of a block that has been committed
   * @param timeoutMs after which the wait ends all the same
   * @returns whether it is there
   */
  reached(blockNumber: bigint, timeoutMs: number): Promise<boolean>;
}

/** Injection token of the {@link TrailIndex}. */
export const TRAIL = Symbol('TrailIndex');
