import { labelOf } from '../../lifecycle/chaincode-package';
import type { DeployedChaincode } from '../../lifecycle/deploy-chaincode';
import type { ChaincodeDefinition, Topology } from '../../topology';
import { chaincodeServices } from '../../chaincode-service/chaincode-services';
import type {
  ChaincodeAddresses,
  ChaincodeService,
  ServedChaincode,
} from '../../chaincode-service/chaincode-services';
import type { CryptoStore } from '../../certificates/crypto-store';
import type { OrderingService } from './ordering-service';
import type { PeerChannel } from './peer-channel';
import type { Clock } from './seams';
import { deployLocally } from './system/lifecycle/deployments';
import type { DeploymentPlaces, LocalDeployment } from './system/lifecycle/deployments';
import { deployTopologyChaincode } from './system/lifecycle/topology-chaincodes';

/** A channel of the network: its ordering, and what each member's peer has of it. */
export interface NetworkChannel {
  readonly ordering: OrderingService;
  readonly peers: readonly PeerChannel[];
}

/** A chaincode that comes onto a channel while the network runs, or its next definition. */
export type NetworkDeployment = Omit<LocalDeployment, 'channel'> & {
  /** Default: the first of the topology. */
  readonly channel?: string;
};

/** What chaincodes are deployed with. */
export interface NetworkChaincodeParts {
  readonly topology: Topology;
  readonly crypto: CryptoStore;
  /** Takes the place of the addresses in the topology. */
  readonly addresses: ChaincodeAddresses | undefined;
  readonly clock: Clock;
  /** Aborted when the network closes. */
  readonly closing: AbortSignal;
}

/** The chaincodes of a network: their packages, and how they come onto its channels. */
export class NetworkChaincodes {
  readonly #parts: NetworkChaincodeParts;
  /** Those of the topology. */
  readonly #services: readonly ChaincodeService[];

  private constructor(parts: NetworkChaincodeParts, services: readonly ChaincodeService[]) {
    this.#parts = parts;
    this.#services = services;
  }

  /** Packages the chaincodes of the topology. @throws TopologyError, CryptoStoreError */
  static async create(parts: NetworkChaincodeParts): Promise<NetworkChaincodes> {
    const { chaincodes } = parts.topology;
    const made = await Promise.all(chaincodes.map((one) => chaincodeServices(one, parts)));
    return new NetworkChaincodes(parts, made.flat());
  }

  /** Packages of any chaincode, at its own addresses. @throws TopologyError, CryptoStoreError */
  services(chaincode: ServedChaincode): Promise<readonly ChaincodeService[]> {
    return chaincodeServices(chaincode, { crypto: this.#parts.crypto });
  }

  /** @throws LifecycleError, PolicySyntaxError */
  deploy(deployment: LocalDeployment, channel: NetworkChannel): Promise<DeployedChaincode> {
    return deployLocally(deployment, this.#places(channel));
  }

  /** Brings chaincodes of the topology onto a channel. @throws ChaincodeDefinitionError */
  async deployTopology(
    definitions: readonly ChaincodeDefinition[],
    channel: NetworkChannel,
  ): Promise<void> {
    const [first] = channel.peers;
    if (!first) return;
    const places = this.#places(channel);
    await Promise.all(
      definitions.map((definition) =>
        deployTopologyChaincode(
          {
            channel: first.channelId,
            definition,
            committed: first.definitions.find(first.ledger.state, definition.name),
            packages: this.#packagesOf(definition),
            isRunning: this.#isRunning(definition, channel),
          },
          places,
        ),
      ),
    );
  }

  #packagesOf(definition: ChaincodeDefinition): ReadonlyMap<string, ChaincodeService['package']> {
    const own = this.#services.filter((one) => one.package.label === labelOf(definition));
    return new Map(own.map((one) => [one.mspId, one.package]));
  }

  #isRunning(definition: ChaincodeDefinition, { peers }: NetworkChannel): boolean {
    const packages = this.#packagesOf(definition);
    return peers.every((one) => {
      const own = packages.get(one.mspId);
      return own === undefined || one.packageIdOf(definition.name) === own.id;
    });
  }

  #places({ peers, ordering }: NetworkChannel): DeploymentPlaces {
    const { crypto, clock, closing } = this.#parts;
    return {
      peers,
      ordering,
      adminOf: (mspId) => crypto.organization(mspId).admin,
      now: () => new Date(clock.nowMs()),
      closing,
    };
  }
}
