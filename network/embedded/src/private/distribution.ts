import type { peer } from '@hyperledger/fabric-protos';
import { type Log } from '../seams';
import { textOf } from '../../../machine/text-of';
import type { CollectionDirectory } from '../state/collections';
import type { PrivateWriteSet } from '../state/private-rwset';
import type { TransientStore } from '../state/transient-store';
import type { StateReader } from '../state/versioned-value';
import { isMemberIdentity, memberOrganizations } from './collections';
import type { PrivatePeer } from './private-source';

/** An endorsement whose private data could not be given on; the text is Fabric's. */
export class DistributionError extends Error {
  override readonly name = 'DistributionError';
}

/** Private writes of one endorsement. */
export interface EndorsedWrites {
  readonly channelId: string;
  readonly txId: string;
  /** The state of the simulation, for the configuration of the collections. */
  readonly state: StateReader;
  /** Number of blocks when it was endorsed. */
  readonly height: number;
  readonly sets: readonly PrivateWriteSet[];
}

interface Dispatch {
  readonly to: PrivatePeer;
  readonly set: PrivateWriteSet;
  /** Whether the endorsement fails when the peer does not take it. */
  readonly isRequired: boolean;
}

/**
 * Gives the private writes of an endorsement to other members before the endorsement is answered,
 * and keeps them until the commit (Fabric: `gossip/privdata/distributor.go`,
 * `gossip/service/gossip_service.go:DistributePrivateData`).
 */
export class Distributor {
  readonly #collections: CollectionDirectory;
  readonly #transient: TransientStore;
  readonly #others: () => readonly PrivatePeer[];
  readonly #log: Log;

  constructor(parts: {
    collections: CollectionDirectory;
    transient: TransientStore;
    others: () => readonly PrivatePeer[];
    log: Log;
  }) {
    this.#collections = parts.collections;
    this.#transient = parts.transient;
    this.#others = parts.others;
    this.#log = parts.log;
  }

  /** @throws DistributionError when fewer members than required could be reached */
  async distribute(endorsed: EndorsedWrites): Promise<void> {
    if (endorsed.sets.length === 0) return;
    const { txId, channelId, height } = endorsed;
    try {
      await this.#send(endorsed, this.#plan(endorsed));
    } catch (error) {
      throw new DistributionError(
        `failed to distribute private collection, txID ${txId}, channel ${channelId}: ` +
          textOf(error),
        { cause: error },
      );
    }
    await this.#transient.persist({ txId, endorsedAt: height, sets: endorsed.sets });
  }

  #plan({ state, sets }: EndorsedWrites): Dispatch[] {
    return sets.flatMap((set) => {
      const config = this.#collections.find(state, set);
      if (!config) {
        throw new DistributionError(`no configuration for collection ${set.collection} found`);
      }
      try {
        return this.#planSet(set, config);
      } catch (error) {
        throw new DistributionError(
          `could not build private data dissemination plan for chaincode ${set.namespace} and ` +
            `collection ${set.collection}: ${textOf(error)}`,
          { cause: error },
        );
      }
    });
  }

  /** Members in the order of the channel; real peers take them in random order. */
  #planSet(set: PrivateWriteSet, config: peer.StaticCollectionConfig): Dispatch[] {
    const required = config.getRequiredPeerCount();
    const eligible = this.#others().filter(({ identity }) => isMemberIdentity(config, identity));
    if (eligible.length < required) {
      throw new DistributionError(
        `required to disseminate to at least ${String(required)} peers, but know of only ` +
          `${String(eligible.length)} eligible peers`,
      );
    }
    const named = memberOrganizations(config);
    return eligible
      .filter(({ mspId }) => named.has(mspId))
      .slice(0, config.getMaximumPeerCount())
      .map((to, index) => ({ to, set, isRequired: index < required }));
  }

  async #send({ txId, height }: EndorsedWrites, plan: readonly Dispatch[]): Promise<void> {
    const outcomes = await Promise.all(
      plan.map(async ({ to, set, isRequired }) => {
        try {
          await to.receivePrivate({ txId, endorsedAt: height, sets: [set] });
          return true;
        } catch (error) {
          this.#log.warn(`the peer of ${to.mspId} does not take private data: ${textOf(error)}`);
          return !isRequired;
        }
      }),
    );
    const failures = outcomes.filter((isGood) => !isGood).length;
    if (failures === 0) return;
    throw new DistributionError(
      `Failed disseminating ${String(failures)} out of ${String(plan.length)} private ` +
        'dissemination plans',
    );
  }
}
