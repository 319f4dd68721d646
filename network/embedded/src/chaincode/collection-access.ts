import { unpackProposal } from '../endorse/proposal';
import type { CollectionAddress } from '../state/private-rwset';
import { signedDatumOf } from '../system/system-chaincode';
import type { CollectionPermission, TransactionContext } from './transaction-context';

/** A client that may not use a collection; the text is Fabric's. */
export class CollectionAccessError extends Error {
  override readonly name = 'CollectionAccessError';
}

/** Source: core/common/privdata/store.go:RetrieveReadWritePermission. */
function determine(
  { simulator, signedProposal, channelId }: TransactionContext,
  address: CollectionAddress,
): CollectionPermission {
  const config = simulator.collectionConfig(address);
  if (!config) {
    const { namespace, collection } = address;
    throw new CollectionAccessError(
      `collection ${channelId}/${namespace}/${collection} could not be found`,
    );
  }
  const [forRead, forWrite] = [config.getMemberOnlyRead(), config.getMemberOnlyWrite()];
  if (!forRead && !forWrite) return { read: true, write: true };
  const signed = signedDatumOf(unpackProposal(signedProposal));
  if (simulator.collections.isMember(config, signed)) return { read: true, write: true };
  return { read: !forRead, write: !forWrite };
}

/** @throws CollectionAccessError while the chaincode is initialized */
export function refuseInInit({ isInit }: TransactionContext): void {
  if (!isInit) return;
  throw new CollectionAccessError('private data APIs are not allowed in chaincode Init()');
}

/**
 * Checks that the creator of the transaction may read or write a collection of the executing
 * chaincode; asked once for a transaction and collection.
 * @throws CollectionAccessError (core/chaincode/handler.go:errorIfCreatorHasNoReadPermission)
 */
export function checkCollectionAccess(
  context: TransactionContext,
  collection: string,
  access: keyof CollectionPermission,
): CollectionAddress {
  refuseInInit(context);
  const address = { namespace: context.namespace, collection };
  const permission = context.permission(collection, () => determine(context, address));
  if (permission[access]) return address;
  throw new CollectionAccessError(
    `tx creator does not have ${access} access permission on privatedata in ` +
      `chaincodeName:${address.namespace} collectionName: ${collection}`,
  );
}
