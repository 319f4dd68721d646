import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { commandAnswerSchema, encodeCanonical } from '@procurement/protocol';
import type { CommandInput, CommandName, CommandResult } from '@procurement/protocol';
import type { Identity } from '../identity/wallet';
import { LEDGER } from '../ledger/ledger.port';
import type { CommitStatus, Endorsement, LedgerPort } from '../ledger/ledger.port';
import { CommitConflict, commitError, EndorseDiverged } from '../ledger/stage-errors';
import { VALID, validationCodeName } from '../ledger/validation-code';
import { LedgerProgress } from './ledger-progress';

/** New proposals after the first one, where others changed what it had read. */
const RETRIES_MAX = 3;

/** Pause before the first new proposal; each further one waits as long again. */
const RETRY_PAUSE_MS = 50;

/** What a command route answers. */
export interface CommandOutcome<Name extends CommandName> {
  readonly result: CommandResult<Name>;
  /** Transaction that carried the command out; the first one's where it is a repetition. */
  readonly transactionId: string;
  /** Block of that transaction, decimal. */
  readonly blockNumber: string;
  /** Whether the same request had been carried out before, so that nothing changed now. */
  readonly repeated: boolean;
}

/** Runs commands on the ledger: endorse, submit, status. */
@Injectable()
export class CommandService {
  constructor(
    @Inject(LEDGER) private readonly ledger: LedgerPort,
    private readonly progress: LedgerProgress,
  ) {}

  /**
   * Runs one command and waits for its commit. Where another transaction got in between, it is
   * proposed anew with the same requestId, which the chaincode lets take effect only once.
   * @throws LedgerStageError of the stage that failed
   */
  async run<Name extends CommandName>(
    caller: Identity,
    command: { readonly name: Name; readonly input: CommandInput<Name> },
  ): Promise<CommandOutcome<Name>> {
    for (let retries = 0; ; retries += 1) {
      try {
        return await this.#once(caller, command);
      } catch (error) {
        if (retries >= RETRIES_MAX || !isTransient(error)) {
          throw error;
        }
        await delay(RETRY_PAUSE_MS * (retries + 1));
      }
    }
  }

  async #once<Name extends CommandName>(
    caller: Identity,
    command: { readonly name: Name; readonly input: CommandInput<Name> },
  ): Promise<CommandOutcome<Name>> {
    const args = [encodeCanonical(command.input)];
    const proposal = await this.ledger.propose({
      creator: { mspId: caller.mspId, certificate: caller.certificate },
      transaction: command.name,
      args,
    });
    const endorsement = await this.ledger.endorse(proposal, caller.sign);
    const answer = commandAnswerSchema.parse(
      JSON.parse(Buffer.from(endorsement.result).toString('utf8')),
    );
    const status = answer.repeated
      ? await this.#statusOf({ ...endorsement, transactionId: answer.transactionId }, caller)
      : await this.#commit(endorsement, caller);
    return {
      result: answer.result as CommandResult<Name>,
      transactionId: answer.transactionId,
      blockNumber: status.blockNumber.toString(),
      repeated: answer.repeated,
    };
  }

  async #commit(endorsement: Endorsement, caller: Identity): Promise<CommitStatus> {
    await this.ledger.submit(endorsement, caller.sign);
    const status = await this.#statusOf(endorsement, caller);
    if (status.code !== VALID) {
      throw commitError({
        message: `the transaction was committed as ${validationCodeName(status.code)}`,
        transactionId: status.transactionId,
        blockNumber: status.blockNumber,
        validationCode: status.code,
      });
    }
    return status;
  }

  async #statusOf(
    { transactionId, creator }: Pick<Endorsement, 'transactionId' | 'creator'>,
    caller: Identity,
  ): Promise<CommitStatus> {
    const status = await this.ledger.status({ transactionId, creator }, caller.sign);
    this.progress.seen(status.blockNumber);
    return status;
  }
}

/** Whether a new proposal may fare better: nothing was changed, and the peers have moved on. */
function isTransient(error: unknown): boolean {
  return error instanceof CommitConflict || error instanceof EndorseDiverged;
}
