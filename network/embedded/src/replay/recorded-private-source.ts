import type { PrivateSource, WantedRecord } from '../private/private-source';
import { isPartOf } from '../private/private-source';
import { encodePrivateWrites, type PrivateWrites } from '../state/private-rwset';
import { hashedKey } from '../state/rwset-builder';
import type { RecordedPrivateData } from './recorded-ledger';

type Writes = RecordedPrivateData['ns'][number]['collections'][number]['writes'];

/** One string for a place and collection. */
function placeName(parts: {
  block: number;
  index: number;
  namespace: string;
  collection: string;
}): string {
  return JSON.stringify([parts.block, parts.index, parts.namespace, parts.collection]);
}

/**
 * Gives a replay the private writes that were recorded. What was purged or expired before the
 * recording is missing from them; what is there must fit its hashes.
 */
export class RecordedPrivateSource implements PrivateSource {
  readonly #writes = new Map<string, Writes>();

  constructor(recorded: readonly RecordedPrivateData[]) {
    for (const { block, tx, ns } of recorded) {
      for (const { ns: namespace, collections } of ns) {
        for (const { name, writes } of collections) {
          const place = { block, index: tx, namespace, collection: name };
          this.#writes.set(placeName(place), writes);
        }
      }
    }
  }

  /** @inheritdoc */
  find(wanted: WantedRecord): Promise<Uint8Array | undefined> {
    const { place, namespace, collection } = wanted;
    const { blockNumber: block, index } = place;
    const recorded = this.#writes.get(placeName({ block, index, namespace, collection }));
    const writes = recorded && decode(recorded, wanted);
    const fits = writes !== undefined && isPartOf(wanted, writes);
    return Promise.resolve(fits ? encodePrivateWrites(writes) : undefined);
  }
}

function decode(recorded: Writes, { hashed }: WantedRecord): PrivateWrites {
  const withMetadata = new Set(hashed.metadataWrites.map(({ key }) => key));
  const writes = recorded.map(({ key, isDelete, value }) => ({
    key,
    isDelete,
    value: Buffer.from(value, 'hex'),
  }));
  const metadataKeys = writes
    .map(({ key }) => key)
    .filter((key) => withMetadata.has(hashedKey(key)));
  return { writes, metadataKeys };
}
