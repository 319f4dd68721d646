import { ChaincodeDefinitions } from '../commit/definitions';
import type { ChaincodeDefinition } from '../commit/definitions';
import type { Ledger } from '../state/ledger';
import type { StateReader } from '../state/versioned-value';

/**
 * The definitions of one ledger, each read from the state once until the lifecycle changes: a
 * transaction asks for its chaincode's definition many times.
 */
export class CachedDefinitions extends ChaincodeDefinitions {
  readonly #ledger: Ledger;
  readonly #current = new Map<string, ChaincodeDefinition>();
  #lifecycleChanges = 0;

  constructor(ledger: Ledger) {
    super();
    this.#ledger = ledger;
  }

  override find(state: StateReader, name: string): ChaincodeDefinition | undefined {
    if (state !== this.#ledger.state) return super.find(state, name);
    if (this.#lifecycleChanges !== this.#ledger.lifecycleChanges) this.#current.clear();
    this.#lifecycleChanges = this.#ledger.lifecycleChanges;
    const known = this.#current.get(name);
    if (known) return known;
    const definition = super.find(state, name);
    // Names come from clients, so only those that exist are kept.
    if (definition) this.#current.set(name, definition);
    return definition;
  }
}
