import type { peer } from '@hyperledger/fabric-protos';
import type { SignedDatum } from '../policy/signature-policy';
import type { CollectionAddress } from './private-rwset';
import type { StateReader } from './versioned-value';

/** What a simulation has to know about private collections. */
export interface CollectionDirectory {
  /**
   * The configuration of a collection, implicit ones included, whether or not the organization of
   * an implicit one is on the channel (Fabric: `deployedcc_infoprovider.go:CollectionInfo`).
   */
  find(state: StateReader, address: CollectionAddress): peer.StaticCollectionConfig | undefined;
  /** Whether data may be kept there: defined, or implicit for an organization of the channel. */
  isDefined(state: StateReader, address: CollectionAddress): boolean;
  /** Whether a client is a member: its signature satisfies the collection's policy. */
  isMember(config: peer.StaticCollectionConfig, signed: SignedDatum): boolean;
}

/** For ledgers without private data: no collection is defined. */
export const noCollections: CollectionDirectory = {
  find: () => undefined,
  isDefined: () => false,
  isMember: () => false,
};
