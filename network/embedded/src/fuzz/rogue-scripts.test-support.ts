import { peer } from '@hyperledger/fabric-protos';
import type { CaseChance } from './case-chance.test-support';
import { mutate, spoil } from './mutations.test-support';
import { completed, messageFor } from './rogue-chaincode.test-support';
import type { RogueScript } from './rogue-chaincode.test-support';

const TYPE = peer.ChaincodeMessage.Type;

/** Messages of one case: requests well and badly formed, then an end, or two, or none. */
export function rogueScript(chance: CaseChance): RogueScript {
  return (transaction) => {
    const messages: Buffer[] = [];
    for (let count = chance.between(0, 4); count > 0; count -= 1) {
      messages.push(anyRequest(transaction, chance));
    }
    const ends = chance.oneOf([1, 1, 1, 1, 1, 1, 2, 0]);
    for (let count = 0; count < ends; count += 1) messages.push(anyEnd(transaction, chance));
    // What comes after the end belongs to no transaction any more.
    if (chance.isLucky(0.2)) messages.push(anyRequest(transaction, chance));
    return messages;
  };
}

function anyEnd(transaction: peer.ChaincodeMessage, chance: CaseChance): Buffer {
  const good = completed(transaction);
  return chance.oneOf([
    () => good,
    () => good,
    () => mutate(good, chance),
    () => messageFor(transaction, TYPE.ERROR, chance.bytes(8)),
    () => messageFor(transaction, TYPE.COMPLETED, chance.bytes(chance.between(0, 32))),
  ])();
}

function anyRequest(transaction: peer.ChaincodeMessage, chance: CaseChance): Buffer {
  const [type, payload] = chance.oneOf(requests);
  const good = messageFor(transaction, type, payload.serializeBinary());
  return chance.oneOf([
    () => good,
    () => mutate(good, chance),
    () => mutate(good, chance),
    () => messageFor(transaction, type, mutate(Buffer.from(payload.serializeBinary()), chance)),
    () => messageFor(transaction, chance.oneOf(allTypes), payload.serializeBinary()),
    () => messageFor(transaction, type, spoil(Buffer.from(payload.serializeBinary()), chance)),
  ])();
}

const allTypes: readonly number[] = [...Object.values(TYPE).map(Number), 77, -1, 2 ** 31 - 1];

function filled<T>(message: T, fill: (message: T) => void): T {
  fill(message);
  return message;
}

/** One good request of each kind that a chaincode can make. */
const requests: readonly (readonly [number, { serializeBinary(): Uint8Array }])[] = [
  [
    TYPE.GET_STATE,
    filled(new peer.GetState(), (one) => {
      one.setKey('k');
    }),
  ],
  [
    TYPE.GET_STATE,
    filled(new peer.GetState(), (one) => {
      one.setKey('k');
      one.setCollection('c');
    }),
  ],
  [
    TYPE.PUT_STATE,
    filled(new peer.PutState(), (one) => {
      one.setKey('k');
      one.setValue(Buffer.from('v'));
    }),
  ],
  [
    TYPE.PUT_STATE,
    filled(new peer.PutState(), (one) => {
      one.setKey('k');
      one.setCollection('c');
    }),
  ],
  [
    TYPE.DEL_STATE,
    filled(new peer.DelState(), (one) => {
      one.setKey('k');
    }),
  ],
  [
    TYPE.GET_STATE_BY_RANGE,
    filled(new peer.GetStateByRange(), (one) => {
      one.setStartkey('a');
      one.setEndkey('z');
    }),
  ],
  [
    TYPE.GET_QUERY_RESULT,
    filled(new peer.GetQueryResult(), (one) => {
      one.setQuery('{}');
    }),
  ],
  [
    TYPE.QUERY_STATE_NEXT,
    filled(new peer.QueryStateNext(), (one) => {
      one.setId('1');
    }),
  ],
  [
    TYPE.QUERY_STATE_CLOSE,
    filled(new peer.QueryStateClose(), (one) => {
      one.setId('1');
    }),
  ],
  [
    TYPE.GET_HISTORY_FOR_KEY,
    filled(new peer.GetHistoryForKey(), (one) => {
      one.setKey('k');
    }),
  ],
  [
    TYPE.GET_STATE_METADATA,
    filled(new peer.GetStateMetadata(), (one) => {
      one.setKey('k');
    }),
  ],
  [
    TYPE.PUT_STATE_METADATA,
    filled(new peer.PutStateMetadata(), (one) => {
      one.setKey('k');
      one.setMetadata(
        filled(new peer.StateMetadata(), (entry) => {
          entry.setMetakey('VALIDATION_PARAMETER');
          entry.setValue(Buffer.from('x'));
        }),
      );
    }),
  ],
  [
    TYPE.GET_PRIVATE_DATA_HASH,
    filled(new peer.GetState(), (one) => {
      one.setKey('k');
      one.setCollection('c');
    }),
  ],
  [
    TYPE.PURGE_PRIVATE_DATA,
    filled(new peer.DelState(), (one) => {
      one.setKey('k');
      one.setCollection('c');
    }),
  ],
  [
    TYPE.INVOKE_CHAINCODE,
    filled(new peer.ChaincodeSpec(), (one) => {
      one.setChaincodeId(
        filled(new peer.ChaincodeID(), (id) => {
          id.setName('asset');
        }),
      );
      one.setInput(
        filled(new peer.ChaincodeInput(), (input) => {
          input.setArgsList(['get', 'k'].map((text) => Buffer.from(text)));
        }),
      );
    }),
  ],
];
