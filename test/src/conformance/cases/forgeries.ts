import { expect } from '@jest/globals';
import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { CaseGroup, ConformanceCase } from '../conformance-case';
import {
  newTransaction,
  payloadFor,
  withAction,
  withRwset,
} from '@procurement/network/messages/transaction';
import type { TransactionParts } from '@procurement/network/messages/transaction';
import { codeName } from '../world';
import type { Forgery, World } from '../world';

const { kvrwset } = ledger.rwset;
const garbage = Buffer.of(0xff, 0xff, 0xff);

const headers: CaseGroup = {
  title: 'a transaction with a good endorsement of a bad header',
  cases: [
    badHeader('d1', 'whose epoch is not 0', 3, (header) => {
      header.setEpoch(1);
    }),
    badHeader('d2', 'whose id does not follow from it', 8, (header) => {
      header.setTxId('00'.repeat(32));
    }),
    {
      ...badHeader('d6', 'which is that of a message', 3, (header) => {
        header.setType(common.HeaderType.MESSAGE);
      }),
      needs: ['ordering-of-anything'],
    },
    badHeader(
      'd18',
      'which names a chaincode that nobody defined',
      25,
      (header) => {
        header.setExtension$(headerExtension('ghost'));
      },
      (action) => {
        action.getChaincodeId()!.setName('ghost');
      },
    ),
  ],
};

const bodies: CaseGroup = {
  title: 'a transaction with a good endorsement of a bad body',
  cases: [
    badBody('d3', 'of two actions', 5, {
      changeTransaction: (transaction) => {
        transaction.addActions(transaction.getActionsList()[0]);
      },
    }),
    badBody('d5', 'that shows transient data', 5, {
      changeTransaction: (transaction) => {
        const action = transaction.getActionsList()[0]!;
        const content = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
        const shown = peer.ChaincodeProposalPayload.deserializeBinary(
          content.getChaincodeProposalPayload_asU8(),
        );
        shown.getTransientmapMap().set('secret', Buffer.from('shown'));
        content.setChaincodeProposalPayload(shown.serializeBinary());
        action.setPayload(content.serializeBinary());
      },
    }),
    badBody('d7', 'that does not decode', 5, { body: garbage }),
    badAction('d9', 'whose action does not decode', 21, () => garbage),
    badAction('d10', 'whose sets do not decode', 22, (action) => {
      action.setResults(garbage);
    }),
    badAction('d12', 'whose event does not decode', 255, (action) => {
      action.setEvents(garbage);
    }),
    badAction('u30', 'whose event is that of another chaincode', 255, (action) => {
      const event = new peer.ChaincodeEvent();
      event.setChaincodeId('probe2');
      action.setEvents(event.serializeBinary());
    }),
    badAction('d13', 'whose action names another chaincode', 25, (action) => {
      action.getChaincodeId()!.setName('probe2');
    }),
    badAction('d14', 'whose action names no version', 25, (action) => {
      action.getChaincodeId()!.setVersion('');
    }),
    badAction('d16', 'whose action names no chaincode', 255, (action) => {
      action.clearChaincodeId();
    }),
  ],
};

const sets: CaseGroup = {
  title: 'a transaction whose sets were made up',
  prepare: (world) => world.prepare(['put', 'kd24', 'v']),
  cases: [
    badSets('d20', 'to write under a stricter policy', 10, (all) => {
      all.addNsRwset(writing('greedy', 'kd20'));
    }),
    // A name that no definition has.
    badSets('d21', 'to write to the lifecycle, is valid', 0, (all) => {
      const lifecycle = all.getNsRwsetList().find((one) => one.getNamespace() === '_lifecycle')!;
      const rwset = kvrwset.KVRWSet.deserializeBinary(lifecycle.getRwset_asU8());
      rwset.addWrites(write('made/up'));
      lifecycle.setRwset(rwset.serializeBinary());
    }),
    badSets('u31', 'that have one namespace twice', 23, (all) => {
      all.getNsRwsetList()[0]!.setNamespace('probe');
    }),
    {
      id: 'd24',
      title: 'with a version that its key does not have',
      observe: (world) =>
        world.orderForged(['get', 'kd24'], {
          changePayload: (run) => withRwset(run, readAtVersionOne),
        }),
      expected: ordered(11),
    },
  ],
};

const senders: CaseGroup = {
  title: 'a message that is no transaction of a client',
  cases: [
    {
      id: 'd23',
      title: 'but of somebody with two roles, is not ordered',
      observe: async (world) => {
        const creator = await world.identities.twoRoles('MinistryMSP');
        const proposal = await world.proposal(['put', 'kd23', 'v'], { creator });
        return world.order(newTransaction({ proposal, payload: garbage, endorsements: [] }));
      },
      expected: { broadcast: 403 },
    },
    {
      id: 'd26',
      title: 'but an update of the configuration without a body, is not ordered',
      needs: ['config-updates'],
      observe: (world) => broadcastAs(world, common.HeaderType.CONFIG_UPDATE),
      expected: {
        broadcast: [
          {
            status: 400,
            info: expect.stringContaining('error applying config update to existing'),
          },
        ],
      },
    },
    {
      id: 'd27',
      title: 'but a configuration, is not ordered',
      observe: (world) => broadcastAs(world, common.HeaderType.CONFIG),
      expected: {
        broadcast: [{ status: 400, info: 'message is of type that cannot be processed directly' }],
      },
    },
  ],
};

/** Transactions that were altered after they ran and endorsed by real peer keys. */
export function forgeryCases(): readonly CaseGroup[] {
  return [headers, bodies, sets, senders];
}

function ordered(code: number): object {
  return { broadcast: 200, validationCode: code, name: codeName(code) };
}

/** The header is changed everywhere, so that the endorsement is about the header that is sent. */
function badHeader(
  id: string,
  title: string,
  code: number,
  changeChannelHeader: (header: common.ChannelHeader) => void,
  changeAction: (action: peer.ChaincodeAction) => void = () => undefined,
): ConformanceCase {
  const changeHeader = (header: common.Header): void => {
    const inner = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    changeChannelHeader(inner);
    header.setChannelHeader(inner.serializeBinary());
  };
  return {
    id,
    title,
    observe: (world) =>
      world.orderForged(['put', `k${id}`, 'v'], {
        changePayload: (run, proposal) => {
          const header = common.Header.deserializeBinary(proposal.header.serializeBinary());
          changeHeader(header);
          return payloadFor(header, proposal, withAction(run, asChange(changeAction)));
        },
        parts: { changeHeader },
      }),
    expected: ordered(code),
  };
}

function badBody(
  id: string,
  title: string,
  code: number,
  parts: Partial<TransactionParts>,
): ConformanceCase {
  return forgedCase(id, title, code, { parts });
}

function badAction(
  id: string,
  title: string,
  code: number,
  change: (action: peer.ChaincodeAction) => unknown,
): ConformanceCase {
  return forgedCase(id, title, code, {
    changePayload: (run) => withAction(run, asChange(change)),
  });
}

function badSets(
  id: string,
  title: string,
  code: number,
  change: (sets: ledger.rwset.TxReadWriteSet) => void,
): ConformanceCase {
  return forgedCase(id, title, code, { changePayload: (run) => withRwset(run, change) });
}

function forgedCase(id: string, title: string, code: number, forgery: Forgery): ConformanceCase {
  return {
    id,
    title,
    observe: (world) => world.orderForged(['put', `k${id}`, 'v'], forgery),
    expected: ordered(code),
  };
}

/** A change of the action itself, or one that gives other bytes in its place. */
function asChange(
  change: (action: peer.ChaincodeAction) => unknown,
): (action: peer.ChaincodeAction) => Uint8Array | undefined {
  return (action) => {
    const bytes = change(action);
    return bytes instanceof Uint8Array ? bytes : undefined;
  };
}

function headerExtension(chaincode: string): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(id);
  return extension.serializeBinary();
}

function writing(namespace: string, key: string): ledger.rwset.NsReadWriteSet {
  const rwset = new kvrwset.KVRWSet();
  rwset.addWrites(write(key));
  const set = new ledger.rwset.NsReadWriteSet();
  set.setNamespace(namespace);
  set.setRwset(rwset.serializeBinary());
  return set;
}

function write(key: string): ledger.rwset.kvrwset.KVWrite {
  const one = new kvrwset.KVWrite();
  one.setKey(key);
  one.setValue(Buffer.from('v'));
  return one;
}

function readAtVersionOne(all: ledger.rwset.TxReadWriteSet): void {
  const set = all.getNsRwsetList().find((one) => one.getNamespace() === 'probe')!;
  const rwset = kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
  const version = new kvrwset.Version();
  version.setBlockNum(1);
  rwset.getReadsList()[0]!.setVersion(version);
  set.setRwset(rwset.serializeBinary());
}

/** Broadcasts a good transaction under the header of another kind of message. */
async function broadcastAs(
  world: World,
  type: common.HeaderTypeMap[keyof common.HeaderTypeMap],
): Promise<object> {
  const envelope = await world.forged(['put', 'kd26', 'v'], {
    parts: {
      changeHeader: (header) => {
        const inner = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
        inner.setType(type);
        header.setChannelHeader(inner.serializeBinary());
      },
    },
  });
  return { broadcast: await world.clients.broadcast(envelope) };
}
