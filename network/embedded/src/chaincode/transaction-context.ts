import type { peer } from '@hyperledger/fabric-protos';
import type { TxSimulator } from '../state/simulator';
import type { OpenQuery } from './query-responses';

/** What the creator of a transaction may do in a collection. */
export interface CollectionPermission {
  readonly read: boolean;
  readonly write: boolean;
}

/** What the chaincode asks about and writes to while it executes one transaction. */
export class TransactionContext {
  readonly channelId: string;
  readonly txId: string;
  /** Namespace of the executing chaincode. */
  readonly namespace: string;
  readonly signedProposal: peer.SignedProposal;
  readonly simulator: TxSimulator;
  /** Whether the chaincode is being initialized, when it has no private data. */
  readonly isInit: boolean;
  readonly #queries = new Map<string, OpenQuery>();
  readonly #permissions = new Map<string, CollectionPermission>();

  constructor(parts: {
    channelId: string;
    txId: string;
    namespace: string;
    signedProposal: peer.SignedProposal;
    simulator: TxSimulator;
    isInit?: boolean;
  }) {
    this.channelId = parts.channelId;
    this.txId = parts.txId;
    this.namespace = parts.namespace;
    this.signedProposal = parts.signedProposal;
    this.simulator = parts.simulator;
    this.isInit = parts.isInit ?? false;
  }

  /** What the creator may do in a collection; worked out when first asked. */
  permission(collection: string, determine: () => CollectionPermission): CollectionPermission {
    const known = this.#permissions.get(collection);
    if (known) return known;
    const permission = determine();
    this.#permissions.set(collection, permission);
    return permission;
  }

  keepQuery(query: OpenQuery): void {
    this.#queries.set(query.id, query);
  }

  query(id: string): OpenQuery | undefined {
    return this.#queries.get(id);
  }

  /** Ends a query; an unknown one is no fault. */
  async closeQuery(id: string): Promise<void> {
    const query = this.#queries.get(id);
    this.#queries.delete(id);
    await query?.source.close();
  }

  /** Ends all queries. */
  async close(): Promise<void> {
    await Promise.all([...this.#queries.keys()].map((id) => this.closeQuery(id)));
  }
}
