import { peer } from '@hyperledger/fabric-protos';
import { checkCollectionAccess } from './collection-access';
import type { MessageHandler } from './message-handler';
import type { TransactionContext } from './transaction-context';

const TYPE = peer.ChaincodeMessage.Type;
const NOTHING = new Uint8Array();

/** Most writes and keys of one request, for the chaincode to keep to (core.yaml: runtimeParams). */
const batchMax = 1000;

/** The handlers of single requests, by message type. */
type SingleHandlers = ReadonlyMap<number, MessageHandler>;

/** What a peer of 3.1 offers to its chaincodes. Source: core/chaincode/handler.go:sendReady */
export function readyParameters(): peer.ChaincodeAdditionalParams {
  const parameters = new peer.ChaincodeAdditionalParams();
  parameters.setUseWriteBatch(true);
  parameters.setMaxSizeWriteBatch(batchMax);
  parameters.setUseGetMultipleKeys(true);
  parameters.setMaxSizeGetMultipleKeys(batchMax);
  return parameters;
}

/**
 * The requests that 3.1 has besides: many writes, and many keys, at once.
 * Source: core/chaincode/handler.go:HandleWriteBatch, HandleGetStateMultipleKeys
 */
export function batchHandlers(single: SingleHandlers): SingleHandlers {
  return new Map([
    [TYPE.WRITE_BATCH_STATE, writeBatch(single)],
    [TYPE.GET_STATE_MULTIPLE, getMultiple],
  ]);
}

/** The writes in their order; the first that fails is the answer, and those before it stay. */
function writeBatch(single: SingleHandlers): MessageHandler {
  return async (payload, context, services) => {
    for (const record of peer.WriteBatchState.deserializeBinary(payload).getRecList()) {
      const { type, request } = singleWrite(record);
      await single.get(type)?.(request.serializeBinary(), context, services);
    }
    return NOTHING;
  };
}

interface SingleWrite {
  readonly type: number;
  readonly request: { serializeBinary(): Uint8Array };
}

function singleWrite(record: peer.WriteRecord): SingleWrite {
  const { PUT_STATE, DEL_STATE, PURGE_PRIVATE_DATA, PUT_STATE_METADATA } = peer.WriteRecord.Type;
  switch (record.getType()) {
    case PUT_STATE: {
      const request = addressed(new peer.PutState(), record);
      request.setValue(record.getValue_asU8());
      return { type: TYPE.PUT_STATE, request };
    }
    case DEL_STATE:
      return { type: TYPE.DEL_STATE, request: addressed(new peer.DelState(), record) };
    case PURGE_PRIVATE_DATA: {
      const request = addressed(new peer.PurgePrivateState(), record);
      return { type: TYPE.PURGE_PRIVATE_DATA, request };
    }
    case PUT_STATE_METADATA: {
      const request = addressed(new peer.PutStateMetadata(), record);
      request.setMetadata(record.getMetadata());
      return { type: TYPE.PUT_STATE_METADATA, request };
    }
    default:
      throw new Error('unknown operation type');
  }
}

interface Addressed {
  setKey(key: string): void;
  setCollection(name: string): void;
}

function addressed<Request extends Addressed>(request: Request, record: peer.WriteRecord): Request {
  request.setKey(record.getKey());
  request.setCollection(record.getCollection());
  return request;
}

const getMultiple: MessageHandler = (payload, context) => {
  const request = peer.GetStateMultiple.deserializeBinary(payload);
  const values = valuesOf(context, request.getCollection(), request.getKeysList());
  const result = new peer.GetStateMultipleResult();
  result.setValuesList(values.map((value) => value ?? NOTHING));
  return result.serializeBinary();
};

function valuesOf(
  context: TransactionContext,
  collection: string,
  keys: readonly string[],
): readonly (Uint8Array | undefined)[] {
  const { simulator, namespace } = context;
  if (collection === '') return keys.map((key) => simulator.get(namespace, key));
  return simulator.privateValues(checkCollectionAccess(context, collection, 'read'), keys);
}
