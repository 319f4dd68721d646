import { readFile } from 'node:fs/promises';
import { textOf } from '../machine/text-of';
import type { Collection } from '../topology';
import { UsageError } from './command-line';

/** A collection as the files of `peer lifecycle chaincode --collections-config` have it. */
interface CollectionEntry {
  readonly name?: unknown;
  readonly policy?: unknown;
  readonly requiredPeerCount?: unknown;
  readonly maxPeerCount?: unknown;
  readonly blockToLive?: unknown;
  readonly memberOnlyRead?: unknown;
  readonly memberOnlyWrite?: unknown;
  readonly endorsementPolicy?: {
    readonly signaturePolicy?: unknown;
    readonly channelConfigPolicy?: unknown;
  };
}

/**
 * Reads private data collections from a file in Fabric's JSON format
 * (internal/peer/chaincode/common.go: collectionConfigJson, with its defaults).
 * @throws UsageError when the file cannot be read or a field is of another type
 */
export async function readCollections(path: string): Promise<readonly Collection[]> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`The collections file ${path} cannot be read: ${textOf(error)}`);
  }
  if (!Array.isArray(content)) throw new UsageError(`The file ${path} holds no list.`);
  return content.map((entry: CollectionEntry, index) => {
    const fields = new Fields(`collection ${String(index + 1)} of ${path}`, entry);
    return { ...fields.collection(), ...fields.endorsementPolicy() };
  });
}

class Fields {
  readonly #place: string;
  readonly #entry: CollectionEntry;

  constructor(place: string, entry: CollectionEntry) {
    this.#place = place;
    this.#entry = entry;
  }

  collection(): Omit<Collection, 'endorsementPolicy'> {
    return {
      name: this.#text('name'),
      policy: this.#text('policy'),
      requiredPeerCount: this.#count('requiredPeerCount', 0),
      maxPeerCount: this.#count('maxPeerCount', 1),
      blockToLive: this.#count('blockToLive', 0),
      memberOnlyRead: this.#flag('memberOnlyRead'),
      memberOnlyWrite: this.#flag('memberOnlyWrite'),
    };
  }

  endorsementPolicy(): Pick<Collection, 'endorsementPolicy'> {
    const { endorsementPolicy } = this.#entry;
    if (endorsementPolicy === undefined) return {};
    const { signaturePolicy, channelConfigPolicy } = endorsementPolicy;
    if (typeof signaturePolicy === 'string' && signaturePolicy !== '') {
      return { endorsementPolicy: signaturePolicy };
    }
    if (typeof channelConfigPolicy === 'string' && channelConfigPolicy.startsWith('/')) {
      return { endorsementPolicy: channelConfigPolicy };
    }
    const wanted = 'a signaturePolicy, or a channelConfigPolicy such as';
    throw this.#fault('endorsementPolicy', `${wanted} /Channel/Application/Endorsement`);
  }

  #text(name: 'name' | 'policy'): string {
    const value = this.#entry[name];
    if (typeof value === 'string' && value !== '') return value;
    throw this.#fault(name, 'a text');
  }

  #count(name: 'requiredPeerCount' | 'maxPeerCount' | 'blockToLive', fallback: number): number {
    const value = this.#entry[name] ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.#fault(name, 'a whole number');
  }

  #flag(name: 'memberOnlyRead' | 'memberOnlyWrite'): boolean {
    const value = this.#entry[name] ?? false;
    if (typeof value === 'boolean') return value;
    throw this.#fault(name, 'true or false');
  }

  #fault(name: string, wanted: string): UsageError {
    return new UsageError(`In ${this.#place} the field ${name} must be ${wanted}.`);
  }
}
