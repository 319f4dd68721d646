import { common } from '@hyperledger/fabric-protos';
import { peerOrganizations } from '../../../topology';
import type { ChaincodeDefinition, Topology } from '../../../topology';
import { buildDefinitionTransaction } from '../commit/definition-transaction';
import { applicationPolicyOf, collectionPackage } from '../../../lifecycle/definition';
import type { CryptoStore } from '../config/crypto-store';
import type { OrderingService } from '../ordering-service';
import type { PeerChannel } from '../peer-channel';
import type { Clock } from '../seams';

/** A topology whose chaincodes do not go with the definitions on the ledger. */
export class ChaincodeDefinitionError extends Error {
  override readonly name = 'ChaincodeDefinitionError';
}

/** Who defines the chaincodes of one channel, and where. */
export interface DefinitionParts {
  /** The network as the channel sees it (`channelViews`). */
  readonly topology: Topology;
  readonly crypto: CryptoStore;
  readonly ordering: OrderingService;
  /** The channel on a peer that has caught up. */
  readonly peer: PeerChannel;
  readonly clock: Clock;
}

/**
 * Puts the chaincode definitions of the topology on the ledger, each as a transaction, where they
 * are not there yet. A definition changes only with the next sequence number, as in Fabric.
 * @throws ChaincodeDefinitionError
 */
export async function defineChaincodes(parts: DefinitionParts): Promise<void> {
  for (const wanted of parts.topology.chaincodes) {
    if (isNew(wanted, parts)) await define(wanted, parts);
  }
}

function isNew(wanted: ChaincodeDefinition, { peer }: DefinitionParts): boolean {
  const found = peer.definitions.find(peer.ledger.state, wanted.name);
  if (!found || wanted.sequence === found.sequence + 1) return true;
  if (wanted.sequence !== found.sequence) {
    throw new ChaincodeDefinitionError(
      `chaincode ${wanted.name} has sequence ${found.sequence} on the ledger, so the topology ` +
        `may say ${found.sequence} or ${found.sequence + 1}, not ${wanted.sequence}`,
    );
  }
  const policy = applicationPolicyOf(wanted.endorsementPolicy).serializeBinary();
  const collections = collectionPackage(wanted.collections ?? []).serializeBinary();
  const isSame =
    found.version === wanted.version &&
    Buffer.compare(policy, found.policyBytes) === 0 &&
    Buffer.compare(collections, found.collections.serializeBinary()) === 0;
  if (isSame) return false;
  throw new ChaincodeDefinitionError(
    `chaincode ${wanted.name} has another version, policy or collections on the ledger than in the topology; ` +
      `give the topology the sequence ${found.sequence + 1} to change it`,
  );
}

async function define(wanted: ChaincodeDefinition, parts: DefinitionParts): Promise<void> {
  const { crypto, ordering, peer, clock } = parts;
  const envelope = await buildDefinitionTransaction(
    {
      ...wanted,
      policy: applicationPolicyOf(wanted.endorsementPolicy),
      collections: collectionPackage(wanted.collections ?? []),
    },
    {
      channelId: ordering.config.channelId,
      snapshot: peer.ledger.snapshot(),
      creator: crypto.organization(peer.mspId).admin,
      endorsers: peerOrganizations(parts.topology).map((one) => crypto.peer(one.mspId).identity),
      now: new Date(clock.nowMs()),
    },
  );
  const answer = ordering.broadcast(envelope);
  if (answer.status !== common.Status.SUCCESS) {
    throw new ChaincodeDefinitionError(
      `the definition of chaincode ${wanted.name} was not ordered: ${answer.info}`,
    );
  }
  const status = await peer.awaitTransaction(txIdOf(envelope), new AbortController().signal);
  if (status?.code !== 0) {
    throw new ChaincodeDefinitionError(
      `the definition of chaincode ${wanted.name} is invalid: code ${status?.code ?? 'none'}`,
    );
  }
}

function txIdOf(envelope: common.Envelope): string {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
  return common.ChannelHeader.deserializeBinary(header).getTxId();
}
