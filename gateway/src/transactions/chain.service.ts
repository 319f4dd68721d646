import { Inject, Injectable } from '@nestjs/common';
import { common } from '@hyperledger/fabric-protos';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Identities } from '../identity/identities';
import { LEDGER } from '../ledger/ledger.port';
import type { LedgerPort } from '../ledger/ledger.port';

/** Name under which a peer answers for its own ledger (fabric `core/scc/qscc/query.go`). */
const LEDGER_QUERIES = 'qscc';

/** The chain of blocks, as the peer of the gateway's own organisation tells it. */
@Injectable()
export class ChainService {
  constructor(
    @Inject(LEDGER) private readonly ledger: LedgerPort,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly identities: Identities,
  ) {}

  /**
   * How many blocks there are.
   * @throws LedgerStageError if the peer did not answer
   */
  async height(): Promise<bigint> {
    const bytes = await this.#ask('GetChainInfo');
    return BigInt(common.BlockchainInfo.deserializeBinary(bytes).getHeight());
  }

  /**
   * The block that holds a transaction.
   * @returns serialised `common.Block`
   * @throws LedgerStageError if the peer has none, or did not answer
   */
  blockOf(transactionId: string): Promise<Uint8Array> {
    return this.#ask('GetBlockByTxID', transactionId);
  }

  /**
   * A block by its number.
   * @returns serialised `common.Block`
   * @throws LedgerStageError if the peer has none, or did not answer
   */
  block(number: number): Promise<Uint8Array> {
    return this.#ask('GetBlockByNumber', String(number));
  }

  async #ask(transaction: string, ...args: readonly string[]): Promise<Uint8Array> {
    const { mspId, certificate, sign } = this.identities.service;
    const proposal = await this.ledger.propose({
      creator: { mspId, certificate },
      chaincode: LEDGER_QUERIES,
      transaction,
      args: [this.settings.channel, ...args],
    });
    return this.ledger.evaluate(proposal, sign);
  }
}
