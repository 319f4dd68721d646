/**
 * One error class per stage of a transaction, so that a caller knows from the class alone whether
 * the transaction may still be committed.
 */

/** What one peer or orderer said. */
export interface StageDetail {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

/** What every stage error carries. */
export interface StageFacts {
  readonly message: string;
  readonly transactionId?: string | undefined;
  /** gRPC status code of the call that failed, where it was a call. */
  readonly grpcCode?: number | undefined;
  readonly details?: readonly StageDetail[];
  readonly cause?: unknown;
}

/** Base of all failures of a {@link LedgerPort} step. */
export abstract class LedgerStageError extends Error {
  readonly transactionId: string | undefined;
  readonly grpcCode: number | undefined;
  readonly details: readonly StageDetail[];

  constructor(facts: StageFacts) {
    super(facts.message, { cause: facts.cause });
    this.name = new.target.name;
    this.transactionId = facts.transactionId;
    this.grpcCode = facts.grpcCode;
    this.details = facts.details ?? [];
  }

  /** Everything that was said, longest-lived source last: for finding a chaincode's refusal. */
  get text(): string {
    return [this.message, ...this.details.map((detail) => detail.message)].join('\n');
  }
}

/** A peer or the chaincode refused the proposal. Nothing was ordered. */
export class EndorseRefused extends LedgerStageError {}

/**
 * The peers did not agree: one endorsed what another refused, or they endorsed different results.
 * They stand at different heights for a moment, so a new proposal may well succeed.
 */
export class EndorseDiverged extends EndorseRefused {}

/** A peer or the chaincode refused the query. */
export class EvaluateRefused extends LedgerStageError {}

/** The ordering service refused the transaction. It will not be committed. */
export class SubmitRefused extends LedgerStageError {}

/** The ordering service did not answer. The transaction may still be committed. */
export class SubmitUnknown extends LedgerStageError {}

/** Nobody said what became of a submitted transaction. It may still be committed. */
export class StatusUnknown extends LedgerStageError {}

/** No peer could be reached, or it did not answer in time. Nothing was ordered. */
export class LedgerUnreachable extends LedgerStageError {}

/** The stream of blocks broke. */
export class BlocksInterrupted extends LedgerStageError {}

/** What a commit error adds. */
export interface CommitFacts extends StageFacts {
  readonly transactionId: string;
  readonly blockNumber: bigint;
  /** `protos.TxValidationCode`. */
  readonly validationCode: number;
}

/** A block holds the transaction as invalid. It changed nothing and never will. */
export class CommitRejected extends LedgerStageError {
  readonly blockNumber: bigint;
  readonly validationCode: number;

  constructor(facts: CommitFacts) {
    super(facts);
    this.blockNumber = facts.blockNumber;
    this.validationCode = facts.validationCode;
  }
}

/** Another transaction changed what this one had read: a new proposal may well succeed. */
export class CommitConflict extends CommitRejected {}

const MVCC_READ_CONFLICT = 11;
const PHANTOM_READ_CONFLICT = 12;

/** The error for a commit that was not VALID: a conflict for codes 11 and 12. */
export function commitError(facts: CommitFacts): CommitRejected {
  const conflict = [MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT].includes(facts.validationCode);
  return conflict ? new CommitConflict(facts) : new CommitRejected(facts);
}
