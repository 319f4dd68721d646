/** What a transaction of this ledger can reach: its caller, its time, its records. */
import { Context } from 'fabric-contract-api';
import {
  type Fact,
  instantFromMs,
  isCommandName,
  type LedgerEvent,
  type Phase,
  Reject,
  signerSchema,
  type TenderRecord,
  type TransactionName,
} from '@procurement/protocol';
import type { TenderName } from '@procurement/sealed';
import { requireAgency, requireRight } from '../domain/authority';
import type { Caller } from '../domain/caller';
import { requireKeyInForce } from '../domain/key';
import { requirePhase } from '../domain/phase';
import type { Times } from '../domain/time';
import type { Settings } from '../settings';
import { callerOf } from './caller';
import type { Clock } from './clock';
import { Repositories } from './repositories';
import { State } from './state';

/** What a chaincode process gives to every transaction. */
export interface Environment {
  readonly settings: Settings;
  readonly clock: Clock;
}

interface Call {
  readonly environment: Environment;
  readonly caller: Caller;
  readonly transaction: TransactionName;
  readonly phases: readonly Phase[];
  readonly records: Repositories;
}

/** Context of one transaction. */
export class ProcurementContext extends Context {
  #call: Call | undefined;
  #event: LedgerEvent | undefined;

  /**
   * Establishes who calls what, once the framework has set stub and identity.
   * @throws {Reject} ROLE
   */
  begin(transaction: TransactionName, environment: Environment): void {
    const caller = callerOf(this.clientIdentity);
    const phases = requireRight(caller, transaction);
    const records = new Repositories(new State(this.stub));
    this.#call = { environment, caller, transaction, phases, records };
  }

  get settings(): Settings {
    return this.#begun.environment.settings;
  }

  get caller(): Caller {
    return this.#begun.caller;
  }

  get transaction(): TransactionName {
    return this.#begun.transaction;
  }

  /** Records of this transaction. */
  get records(): Repositories {
    return this.#begun.records;
  }

  /** The event of this transaction, once something has happened. */
  get event(): LedgerEvent | undefined {
    return this.#event;
  }

  /** The transaction's own time and the endorser's clock. */
  get times(): Times {
    const atMs = this.stub.getDateTimestamp().getTime();
    return { atMs, clockMs: this.#begun.environment.clock() };
  }

  /** This transaction as a fact. Its time has been borne out by the clock before. */
  get fact(): Fact {
    const { mspId, spki } = this.caller;
    const by = signerSchema.parse({ mspId, spki });
    return { at: instantFromMs(this.times.atMs), by, transactionId: this.stub.getTxID() };
  }

  /**
   * Refuses every other role than these.
   * @throws {Reject} ROLE
   */
  requireRole(...roles: readonly string[]): void {
    const { mspId, role } = this.caller;
    if (roles.includes(role)) return;
    throw new Reject('ROLE', { mspId, role, transaction: this.transaction });
  }

  /**
   * Refuses a caller whose key is not in force.
   * @throws {Reject} KEY
   */
  async requireKey(): Promise<void> {
    const { caller, transaction } = this;
    const known = await this.records.keys.find(caller.spki);
    const { clockMs } = this.times;
    const isCommand = isCommandName(transaction);
    requireKeyInForce(caller, known, { transaction, isCommand, clockMs });
  }

  /** This ledger, for everything that is proved about it. */
  get ledgerName(): Omit<TenderName, 'tenderId'> {
    return { channel: this.stub.getChannelID(), chaincode: this.settings.chaincode };
  }

  /** Where a tender lives, for everything that is proved about it. */
  tenderName(tenderId: string): TenderName {
    return { ...this.ledgerName, tenderId };
  }

  /** Says what happened; a transaction has one event. */
  emit(event: LedgerEvent): void {
    if (this.#event !== undefined) throw new Error('a transaction has one event');
    this.#event = event;
  }

  /**
   * A tender that the caller may use in this transaction.
   * @throws {Reject} NOT_FOUND, AGENCY (commands of officers only) or PHASE
   */
  async requireTender(tenderId: string): Promise<TenderRecord> {
    const tender = await this.records.tenders.get(tenderId);
    if (isCommandName(this.transaction)) requireAgency(this.caller, tender.buyer.agency);
    requirePhase(tender, this.#begun.phases);
    return tender;
  }

  get #begun(): Call {
    if (this.#call === undefined) throw new Error('the transaction has not begun');
    return this.#call;
  }
}
