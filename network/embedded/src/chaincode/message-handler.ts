import type { ChaincodeCalls } from './chaincode-call';
import type { TransactionContext } from './transaction-context';

/** Answers one request of the chaincode; what it throws goes back as ERROR. */
export type MessageHandler = (
  payload: Uint8Array,
  context: TransactionContext,
  services: HandlerServices,
) => Uint8Array | Promise<Uint8Array>;

/** What the handlers need besides the transaction. */
export interface HandlerServices {
  /** A new id for a query, unique on the stream. */
  readonly nextQueryId: () => string;
  readonly calls: ChaincodeCalls;
}
