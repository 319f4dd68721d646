import { common } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import type { ChaincodePackage } from '../../../../lifecycle/chaincode-package';
import type { Definition } from '../../../../lifecycle/definition';
import { deployChaincode } from '../../../../lifecycle/deploy-chaincode';
import type { DeployedChaincode } from '../../../../lifecycle/deploy-chaincode';
import { LifecycleError } from '../../../../lifecycle/lifecycle-error';
import type { LifecyclePeer, LifecycleSigner } from '../../../../lifecycle/lifecycle-peer';
import type { OrderingService } from '../../ordering-service';
import type { TransactionStatus } from '../../wire/gateway-context';

/** A topology whose chaincodes do not go with the definitions on the ledger. */
export class ChaincodeDefinitionError extends Error {
  override readonly name = 'ChaincodeDefinitionError';
}

/** A peer of this process on a channel. */
export interface LocalPeer {
  readonly mspId: string;
  readonly address: string;
  processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse>;
  awaitTransaction(txId: string, signal: AbortSignal): Promise<TransactionStatus | undefined>;
}

/** A chaincode that is to run on a channel of this process. */
export interface LocalDeployment {
  readonly channel: string;
  readonly definition: Definition;
  readonly sequence?: number;
  /** By MSP id; organizations without one approve, but do not run the chaincode. */
  readonly packages: ReadonlyMap<string, ChaincodePackage>;
}

/** What a deployment within the process goes through. */
export interface DeploymentPlaces {
  /** The peers of the channel, one of each organization. */
  readonly peers: readonly LocalPeer[];
  readonly ordering: OrderingService;
  /** The administrator of an organization. */
  readonly adminOf: (mspId: string) => LifecycleSigner;
  /** The time of the network. */
  readonly now: () => Date;
  /** Aborted when the network closes. */
  readonly closing: AbortSignal;
}

/**
 * Deploys a chaincode by the same transactions as on any network, without the way over gRPC.
 * @throws LifecycleError, PolicySyntaxError
 */
export function deployLocally(
  { channel, definition, sequence, packages }: LocalDeployment,
  places: DeploymentPlaces,
): Promise<DeployedChaincode> {
  const organizations = places.peers.map((local) => {
    const own = packages.get(local.mspId);
    return {
      admin: places.adminOf(local.mspId),
      peers: [lifecyclePeer(local, places)],
      ...(own && { package: own }),
    };
  });
  return deployChaincode({
    channel,
    definition,
    organizations,
    ...(sequence !== undefined && { sequence }),
  });
}

function lifecyclePeer(
  local: LocalPeer,
  { ordering, now, closing }: DeploymentPlaces,
): LifecyclePeer {
  return {
    name: local.address,
    now,
    processProposal: (signed) => local.processProposal(signed),
    submit: ({ envelope }) => {
      const { status, info } = ordering.broadcast(envelope);
      if (status === common.Status.SUCCESS) return Promise.resolve();
      return Promise.reject(new LifecycleError(`the transaction was not ordered: ${info}`));
    },
    awaitCommit: async ({ txId }) => {
      // One listener for all of them: there may be many at once.
      const status = await local.awaitTransaction(txId, AbortSignal.any([closing]));
      if (status) return status.code;
      throw new LifecycleError('the network closed before the transaction was committed');
    },
  };
}
