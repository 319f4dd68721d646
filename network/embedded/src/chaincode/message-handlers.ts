import { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../topology';
import { historyOfKey } from '../state/history';
import { batchHandlers, readyParameters } from './batch-handlers';
import { checkCollectionAccess, refuseInInit } from './collection-access';
import type { MessageHandler } from './message-handler';
import {
  historyResults,
  nextBatch,
  openQuery,
  pageResults,
  rangeResults,
  type ResultSource,
} from './query-responses';
import type { TransactionContext } from './transaction-context';

const TYPE = peer.ChaincodeMessage.Type;
const NOTHING = new Uint8Array();

const getState: MessageHandler = (payload, context) => {
  const request = peer.GetState.deserializeBinary(payload);
  const [collection, key] = [request.getCollection(), request.getKey()];
  const { simulator, namespace } = context;
  if (collection === '') return simulator.get(namespace, key) ?? NOTHING;
  const address = checkCollectionAccess(context, collection, 'read');
  return simulator.privateValue({ ...address, key }) ?? NOTHING;
};

const putState: MessageHandler = (payload, context) => {
  const request = peer.PutState.deserializeBinary(payload);
  const [collection, key] = [request.getCollection(), request.getKey()];
  const { simulator, namespace } = context;
  const value = request.getValue_asU8();
  if (collection === '') simulator.put({ namespace, key }, value);
  else {
    const address = checkCollectionAccess(context, collection, 'write');
    simulator.putPrivate({ ...address, key }, value);
  }
  return NOTHING;
};

const deleteState: MessageHandler = (payload, context) => {
  const request = peer.DelState.deserializeBinary(payload);
  const [collection, key] = [request.getCollection(), request.getKey()];
  const { simulator, namespace } = context;
  if (collection === '') simulator.delete({ namespace, key });
  else {
    const address = checkCollectionAccess(context, collection, 'write');
    simulator.deletePrivate({ ...address, key });
  }
  return NOTHING;
};

/** No check of the client: hashes are on the ledger of every peer. */
const getPrivateDataHash: MessageHandler = (payload, context) => {
  const request = peer.GetState.deserializeBinary(payload);
  refuseInInit(context);
  const { simulator, namespace } = context;
  const [collection, key] = [request.getCollection(), request.getKey()];
  return simulator.privateHash({ namespace, collection, key }) ?? NOTHING;
};

const purgePrivateData: MessageHandler = (payload, context) => {
  const request = peer.PurgePrivateState.deserializeBinary(payload);
  const collection = request.getCollection();
  if (collection === '') throw new Error('only applicable for private data');
  const address = checkCollectionAccess(context, collection, 'write');
  context.simulator.purgePrivate({ ...address, key: request.getKey() });
  return NOTHING;
};

const getStateMetadata: MessageHandler = (payload, context) => {
  const request = peer.GetStateMetadata.deserializeBinary(payload);
  const [collection, key] = [request.getCollection(), request.getKey()];
  const { simulator, namespace } = context;
  const entries =
    collection === ''
      ? simulator.metadata(namespace, key)
      : simulator.privateMetadata({
          ...checkCollectionAccess(context, collection, 'read'),
          key,
        });
  const result = new peer.StateMetadataResult();
  for (const { name, value } of entries) {
    const entry = new peer.StateMetadata();
    entry.setMetakey(name);
    entry.setValue(value);
    result.addEntries(entry);
  }
  return result.serializeBinary();
};

const putStateMetadata: MessageHandler = (payload, context) => {
  const request = peer.PutStateMetadata.deserializeBinary(payload);
  const [collection, key] = [request.getCollection(), request.getKey()];
  const { simulator, namespace } = context;
  const metadata = request.getMetadata();
  const entry = { name: metadata?.getMetakey() ?? '', value: metadata?.getValue_asU8() ?? NOTHING };
  if (collection === '') simulator.putMetadata({ namespace, key }, [entry]);
  else {
    const address = checkCollectionAccess(context, collection, 'write');
    simulator.putPrivateMetadata({ ...address, key }, [entry]);
  }
  return NOTHING;
};

async function answerQuery(context: TransactionContext, id: string): Promise<Uint8Array> {
  const query = context.query(id);
  if (!query) throw new Error('query iterator not found');
  try {
    const { response, isLast } = await nextBatch(query);
    if (isLast) await context.closeQuery(id);
    return response;
  } catch (error) {
    await context.closeQuery(id);
    throw error;
  }
}

function startQuery(
  context: TransactionContext,
  query: { id: string; source: ResultSource; pageSize?: number },
): Promise<Uint8Array> {
  context.keepQuery(openQuery(query));
  return answerQuery(context, query.id);
}

/** The rows that a range request asks for; a bookmark takes the place of the start. */
function requestedRange(request: peer.GetStateByRange, context: TransactionContext): ResultSource {
  const { simulator, namespace } = context;
  const metadata = peer.QueryMetadata.deserializeBinary(request.getMetadata_asU8());
  const [startKey, endKey] = [request.getStartkey(), request.getEndkey()];
  const collection = request.getCollection();
  if (collection !== '') {
    const address = checkCollectionAccess(context, collection, 'read');
    return rangeResults(namespace, simulator.privateRange({ ...address, startKey, endKey }));
  }
  const [pageSize, bookmark] = [metadata.getPagesize(), metadata.getBookmark()];
  if (pageSize === 0 && bookmark === '') {
    return rangeResults(namespace, simulator.range({ namespace, startKey, endKey }));
  }
  const page = { namespace, startKey: bookmark === '' ? startKey : bookmark, endKey, pageSize };
  return pageResults(namespace, simulator.page(page));
}

const getStateByRange: MessageHandler = (payload, context, { nextQueryId }) => {
  const request = peer.GetStateByRange.deserializeBinary(payload);
  const metadata = peer.QueryMetadata.deserializeBinary(request.getMetadata_asU8());
  const source = requestedRange(request, context);
  return startQuery(context, { id: nextQueryId(), source, pageSize: metadata.getPagesize() });
};

const queryStateNext: MessageHandler = (payload, context) =>
  answerQuery(context, peer.QueryStateNext.deserializeBinary(payload).getId());

const queryStateClose: MessageHandler = async (payload, context) => {
  const id = peer.QueryStateClose.deserializeBinary(payload).getId();
  await context.closeQuery(id);
  const response = new peer.QueryResponse();
  response.setId(id);
  return response.serializeBinary();
};

const getQueryResult: MessageHandler = (payload, context) => {
  const request = peer.GetQueryResult.deserializeBinary(payload);
  const collection = request.getCollection();
  if (collection !== '') {
    context.simulator.checkPrivateQuery(checkCollectionAccess(context, collection, 'read'));
    throw new Error('ExecuteQuery not supported for leveldb');
  }
  const metadata = peer.QueryMetadata.deserializeBinary(request.getMetadata_asU8());
  const isPage = metadata.getPagesize() !== 0 || metadata.getBookmark() !== '';
  throw new Error(`ExecuteQuery${isPage ? 'WithMetadata' : ''} not supported for leveldb`);
};

const getHistoryForKey: MessageHandler = (payload, context, { nextQueryId }) => {
  const key = peer.GetHistoryForKey.deserializeBinary(payload).getKey();
  const history = historyOfKey(context.simulator.snapshot, { namespace: context.namespace, key });
  return startQuery(context, { id: nextQueryId(), source: historyResults(history) });
};

const invokeChaincode: MessageHandler = (payload, context, { calls }) =>
  calls(peer.ChaincodeSpec.deserializeBinary(payload), context);

const everyGeneration: ReadonlyMap<number, MessageHandler> = new Map<number, MessageHandler>([
  [TYPE.GET_STATE, getState],
  [TYPE.PUT_STATE, putState],
  [TYPE.DEL_STATE, deleteState],
  [TYPE.GET_STATE_METADATA, getStateMetadata],
  [TYPE.PUT_STATE_METADATA, putStateMetadata],
  [TYPE.GET_STATE_BY_RANGE, getStateByRange],
  [TYPE.QUERY_STATE_NEXT, queryStateNext],
  [TYPE.QUERY_STATE_CLOSE, queryStateClose],
  [TYPE.GET_QUERY_RESULT, getQueryResult],
  [TYPE.GET_HISTORY_FOR_KEY, getHistoryForKey],
  [TYPE.INVOKE_CHAINCODE, invokeChaincode],
  [TYPE.GET_PRIVATE_DATA_HASH, getPrivateDataHash],
  [TYPE.PURGE_PRIVATE_DATA, purgePrivateData],
]);

const withBatches: ReadonlyMap<number, MessageHandler> = new Map([
  ...everyGeneration,
  ...batchHandlers(everyGeneration),
]);

/**
 * The requests that a chaincode may make, by message type (Fabric: `core/chaincode/handler.go`). A
 * type that is not here ends the stream, as in Fabric.
 */
export function messageHandlersOf(compat: Compat): ReadonlyMap<number, MessageHandler> {
  return compat === '2.5' ? everyGeneration : withBatches;
}

/** What READY tells the chaincode of its peer. */
export function readyPayloadOf(compat: Compat): Uint8Array {
  return compat === '2.5' ? NOTHING : readyParameters().serializeBinary();
}

const typeNames = new Map<number, string>(
  Object.entries(TYPE).map(([name, number]) => [number, name] as const),
);

/** Name of a message type, as it stands in error texts. */
export function messageTypeName(type: number): string {
  return typeNames.get(type) ?? String(type);
}
