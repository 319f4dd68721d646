import type { CollectionAddress } from './private-rwset';
import { decodeMetadata } from './rwset';

/** Name of the metadata entry that holds a key's own endorsement policy. */
export const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

/** A policy that a transaction must satisfy because of keys that it writes. */
export interface WrittenPolicy extends CollectionAddress {
  /** `SignaturePolicyEnvelope` bytes of a key's own policy; absent = the collection's or chaincode's. */
  readonly keyPolicy?: Uint8Array;
}

/** Gathers which policies the written keys stand under; `collection` is '' for public keys. */
export class WrittenPolicies {
  readonly #policies = new Map<string, WrittenPolicy>();

  /** @param metadata stored metadata of the key before the transaction, if it exists */
  add({ namespace, collection }: CollectionAddress, metadata: Uint8Array | undefined): void {
    const entries = metadata ? decodeMetadata(metadata) : [];
    const keyPolicy = entries.find(({ name }) => name === VALIDATION_PARAMETER)?.value;
    const bytes = keyPolicy && Buffer.from(keyPolicy).toString('base64');
    this.#policies.set(JSON.stringify([namespace, collection, bytes]), {
      namespace,
      collection,
      ...(keyPolicy && { keyPolicy }),
    });
  }

  /** Each policy once, in the order of first use. */
  all(): WrittenPolicy[] {
    return [...this.#policies.values()];
  }
}
