import { peer } from '@hyperledger/fabric-protos';
import { historyOfKey } from '../state/history';
import type { ChaincodeCalls } from './chaincode-call';
import {
  historyResults,
  nextBatch,
  openQuery,
  rangeResults,
  type ResultSource,
} from './query-responses';
import type { TransactionContext } from './transaction-context';

const TYPE = peer.ChaincodeMessage.Type;
const NOTHING = new Uint8Array();
const NO_PRIVATE_DATA = 'private data collections are not available on this network yet';

/** Answers one request of the chaincode; what it throws goes back as ERROR. */
export type MessageHandler = (
  payload: Uint8Array,
  context: TransactionContext,
  services: HandlerServices,
) => Uint8Array | Promise<Uint8Array>;

/** What the handlers need besides the transaction. */
export interface HandlerServices {
  /** A new id for a query, unique on the stream. */
  readonly nextQueryId: () => string;
  readonly calls: ChaincodeCalls;
}

/** The one place where requests about private data are turned away. */
function refuseCollection(collection: string): void {
  if (collection !== '') throw new Error(NO_PRIVATE_DATA);
}

const getState: MessageHandler = (payload, { simulator, namespace }) => {
  const request = peer.GetState.deserializeBinary(payload);
  refuseCollection(request.getCollection());
  return simulator.get(namespace, request.getKey()) ?? NOTHING;
};

const putState: MessageHandler = (payload, { simulator, namespace }) => {
  const request = peer.PutState.deserializeBinary(payload);
  refuseCollection(request.getCollection());
  simulator.put({ namespace, key: request.getKey() }, request.getValue_asU8());
  return NOTHING;
};

const deleteState: MessageHandler = (payload, { simulator, namespace }) => {
  const request = peer.DelState.deserializeBinary(payload);
  refuseCollection(request.getCollection());
  simulator.delete({ namespace, key: request.getKey() });
  return NOTHING;
};

const getStateMetadata: MessageHandler = (payload, { simulator, namespace }) => {
  const request = peer.GetStateMetadata.deserializeBinary(payload);
  refuseCollection(request.getCollection());
  const result = new peer.StateMetadataResult();
  for (const { name, value } of simulator.metadata(namespace, request.getKey())) {
    const entry = new peer.StateMetadata();
    entry.setMetakey(name);
    entry.setValue(value);
    result.addEntries(entry);
  }
  return result.serializeBinary();
};

const putStateMetadata: MessageHandler = (payload, { simulator, namespace }) => {
  const request = peer.PutStateMetadata.deserializeBinary(payload);
  refuseCollection(request.getCollection());
  const metadata = request.getMetadata();
  const entry = { name: metadata?.getMetakey() ?? '', value: metadata?.getValue_asU8() ?? NOTHING };
  simulator.putMetadata({ namespace, key: request.getKey() }, [entry]);
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

const getStateByRange: MessageHandler = (payload, context, { nextQueryId }) => {
  const request = peer.GetStateByRange.deserializeBinary(payload);
  refuseCollection(request.getCollection());
  const { simulator, namespace } = context;
  const metadata = peer.QueryMetadata.deserializeBinary(request.getMetadata_asU8());
  const pageSize = metadata.getPagesize();
  const bookmark = metadata.getBookmark();
  const endKey = request.getEndkey();
  const id = nextQueryId();
  if (pageSize === 0 && bookmark === '') {
    const range = simulator.range({ namespace, startKey: request.getStartkey(), endKey });
    return startQuery(context, {
      id,
      source: rangeResults(namespace, range, { paginated: false }),
    });
  }
  const startKey = bookmark === '' ? request.getStartkey() : bookmark;
  const page = simulator.page({ namespace, startKey, endKey, pageSize });
  const source = rangeResults(namespace, page, { paginated: true });
  return startQuery(context, { id, source, pageSize });
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

const getQueryResult: MessageHandler = (payload) => {
  const request = peer.GetQueryResult.deserializeBinary(payload);
  refuseCollection(request.getCollection());
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

const refusePrivateData: MessageHandler = () => {
  throw new Error(NO_PRIVATE_DATA);
};

/**
 * The requests a chaincode may make, by message type (Fabric: `core/chaincode/handler.go`). A type
 * that is not here ends the stream, as in Fabric.
 */
export const messageHandlers: ReadonlyMap<number, MessageHandler> = new Map<number, MessageHandler>(
  [
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
    [TYPE.GET_PRIVATE_DATA_HASH, refusePrivateData],
    [TYPE.PURGE_PRIVATE_DATA, refusePrivateData],
  ],
);

const typeNames = new Map<number, string>(
  Object.entries(TYPE).map(([name, number]) => [number, name] as const),
);

/** Name of a message type, as it stands in error texts. */
export function messageTypeName(type: number): string {
  return typeNames.get(type) ?? String(type);
}
