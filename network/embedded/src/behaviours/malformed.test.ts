import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { startAssetNetwork } from '../test-support/asset-network';
import { recordedTopology } from './behaviours.test-support';
import { RawClients } from './raw-clients.test-support';
import {
  endorsementBy,
  newProposal,
  newTransaction,
  payloadFor,
  signedEnvelope,
  withAction,
  withRwset,
} from './raw-transaction.test-support';
import type { TransactionParts } from './raw-transaction.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16. What is changed here is
// signed by real peers afterwards, so that the committing peers decide.

let clients: RawClients;
let tashi: SigningIdentity;

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology: recordedTopology }));
  tashi = await clients.user('tashi');
});

afterAll(async () => {
  clients.close();
  await clients.network.close();
});

const garbage = Buffer.of(0xff, 0xff, 0xff);
let keys = 0;

/** The code of a transaction that writes a new key, with these changes. */
async function codeOf(parts: {
  payload?: (payload: Uint8Array) => Uint8Array;
  changes?: Partial<TransactionParts>;
}): Promise<number> {
  const args = ['put', `d${String((keys += 1))}`, '1'];
  const proposal = { creator: tashi, args };
  const [code] = await clients.codesOf(
    await clients.forged(proposal, undefined, parts.payload, parts.changes),
  );
  return code!;
}

function changedHeader(change: (header: common.ChannelHeader) => void): Partial<TransactionParts> {
  return {
    changeHeader: (header) => {
      const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
      change(channel);
      header.setChannelHeader(channel.serializeBinary());
    },
  };
}

function changedAction(change: (action: peer.ChaincodeAction) => void) {
  return (payload: Uint8Array) =>
    withAction(payload, (action) => {
      change(action);
      return undefined;
    });
}

describe('a transaction', () => {
  test.each<[string, number, Parameters<typeof codeOf>[0]]>([
    [
      'd1: with an epoch',
      3,
      {
        changes: changedHeader((one) => {
          one.setEpoch(3);
        }),
      },
    ],
    [
      'd2: with a wrong id',
      8,
      {
        changes: changedHeader((one) => {
          one.setTxId('ab'.repeat(32));
        }),
      },
    ],
    [
      'd3: with two actions',
      5,
      {
        changes: {
          changeTransaction: (one) => {
            one.addActions(one.getActionsList()[0]);
          },
        },
      },
    ],
    [
      'd6: of header type MESSAGE',
      3,
      {
        changes: changedHeader((one) => {
          one.setType(0);
        }),
      },
    ],
    ['d7: with an undecodable body', 5, { changes: { body: garbage } }],
    ['d9: with an undecodable action', 21, { payload: (one) => withAction(one, () => garbage) }],
    [
      'd10: with undecodable read and write sets',
      22,
      {
        payload: changedAction((one) => {
          one.setResults(garbage);
        }),
      },
    ],
    [
      'd12: with an undecodable event',
      255,
      {
        payload: changedAction((one) => {
          one.setEvents(garbage);
        }),
      },
    ],
    [
      'of which the event is of another chaincode',
      255,
      {
        payload: changedAction((one) => {
          one.setEvents(eventOf('other'));
        }),
      },
    ],
    [
      'd13: of which the action names another chaincode',
      25,
      {
        payload: changedAction((one) => {
          one.getChaincodeId()!.setName('majority');
        }),
      },
    ],
    [
      'd14: without the version of the chaincode',
      25,
      {
        payload: changedAction((one) => {
          one.getChaincodeId()!.setVersion('');
        }),
      },
    ],
    [
      'd16: of which the action names no chaincode',
      255,
      {
        payload: changedAction((one) => {
          one.clearChaincodeId();
        }),
      },
    ],
    [
      'd20: that writes into a namespace with a stricter policy',
      10,
      {
        payload: (one) =>
          withRwset(one, (sets) => {
            sets.at(-1)!.setNamespace('greedy');
          }),
      },
    ],
    [
      'with one namespace twice',
      23,
      {
        payload: (one) =>
          withRwset(one, (sets) => {
            sets.at(0)!.setNamespace('asset');
          }),
      },
    ],
    [
      'd24: with a read version that was never there',
      11,
      { payload: (one) => withRwset(one, forgeVersion) },
    ],
  ])('%s has the code %d', async (_, code, parts) => {
    expect(await codeOf(parts)).toBe(code);
  });

  test('d5: with the transient data left in has the code 5', async () => {
    const parts = { creator: tashi, args: ['put', 'd5', '1'], transient: { secret: 'value' } };
    const proposal = newProposal(parts);
    const [response] = await clients.responses(proposal, ['MinistryMSP']);
    const payload = response!.getPayload_asU8();
    const whole = peer.Proposal.deserializeBinary(proposal.signed.getProposalBytes_asU8());
    const envelope = newTransaction({
      proposal,
      payload,
      endorsements: [endorsementBy(clients.peer('AuditorMSP'), payload)],
      proposalPayload: whole.getPayload_asU8(),
    });
    expect(await clients.codesOf(envelope)).toEqual([5]);
  });

  test('d18: of an undefined chaincode has the code 25', async () => {
    const real = newProposal({ creator: tashi, args: ['put', 'd18', '1'] });
    const [response] = await clients.responses(real, ['MinistryMSP']);
    const proposal = newProposal({ creator: tashi, chaincode: 'ghost', args: ['put', 'd18', '1'] });
    const renamed = changedAction((one) => {
      one.getChaincodeId()!.setName('ghost');
    });
    const payload = payloadFor(proposal, renamed(response!.getPayload_asU8()));
    const endorsements = ['AuditorMSP', 'MinistryMSP'].map((mspId) =>
      endorsementBy(clients.peer(mspId), payload),
    );
    const envelope = newTransaction({ proposal, payload, endorsements });
    expect(await clients.codesOf(envelope)).toEqual([25]);
  });

  test('d21: that writes into the lifecycle needs what the lifecycle needs', async () => {
    const payload = (one: Uint8Array): Uint8Array =>
      withRwset(one, (sets) => {
        const written = sets.at(-1)!.getRwset_asU8();
        sets.at(0)!.setRwset(written);
        sets.at(-1)!.setRwset(new ledger.rwset.kvrwset.KVRWSet().serializeBinary());
      });
    expect(await codeOf({ payload })).toBe(0);
  });
});

function eventOf(chaincode: string): Uint8Array {
  const event = new peer.ChaincodeEvent();
  event.setChaincodeId(chaincode);
  return event.serializeBinary();
}

function forgeVersion(sets: ledger.rwset.NsReadWriteSet[]): void {
  const set = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(sets.at(0)!.getRwset_asU8());
  set.getReadsList()[0]!.getVersion()!.setTxNum(99);
  sets.at(0)!.setRwset(set.serializeBinary());
}

describe('the ordering node', () => {
  function ofType(
    type: common.HeaderTypeMap[keyof common.HeaderTypeMap],
    data: Uint8Array = Buffer.of(),
  ): common.Envelope {
    const { header } = newProposal({
      creator: tashi,
      args: [],
      changeChannelHeader: (one) => {
        one.setType(type);
      },
    });
    return signedEnvelope({ header, data }, tashi);
  }

  test('x14: refuses what is larger than the largest message', async () => {
    const { absoluteMaxBytes } = recordedTopology.batch;
    const envelope = ofType(3, Buffer.alloc(absoluteMaxBytes + 1000));
    const bytes = envelope.getPayload_asU8().length + envelope.getSignature_asU8().length;
    expect(await clients.broadcast(envelope)).toEqual([
      {
        status: 400,
        info:
          `message payload is ${String(bytes)} bytes and exceeds maximum allowed ` +
          `${String(absoluteMaxBytes)} bytes`,
      },
    ]);
  });

  test('12c: refuses an expired certificate', async () => {
    const creator = await clients.expiredIdentity('MinistryMSP');
    const { header } = newProposal({ creator, args: [] });
    expect(await clients.broadcast(signedEnvelope({ header, data: garbage }, creator))).toEqual([
      { status: 400, info: 'broadcast client identity expired' },
    ]);
  });

  test('d23: refuses a creator with two roles', async () => {
    const creator = await clients.oddIdentity('MinistryMSP', { units: ['client', 'admin'] });
    const { header } = newProposal({ creator, args: [] });
    const [answer] = await clients.broadcast(signedEnvelope({ header, data: garbage }, creator));
    expect(answer?.status).toBe(403);
  });

  test('d26: refuses an update whose body is a transaction', async () => {
    const { CONFIG_UPDATE } = common.HeaderType;
    const body = new common.ConfigUpdateEnvelope();
    // Field 1 of a transaction's action is a signature header, where an update has a text.
    const action = new common.SignatureHeader();
    action.setCreator(Buffer.of(0xff, 0xfe));
    body.setConfigUpdate(action.serializeBinary());
    expect(await clients.broadcast(ofType(CONFIG_UPDATE, body.serializeBinary()))).toEqual([
      {
        status: 400,
        info:
          "error applying config update to existing channel 'procurement': error authorizing " +
          'update: string field contains invalid UTF-8',
      },
    ]);
    expect((await clients.broadcast(ofType(CONFIG_UPDATE, garbage)))[0]?.status).toBe(400);
  });

  test('d27: refuses whole configurations', async () => {
    const { CONFIG } = common.HeaderType;
    expect(await clients.broadcast(ofType(CONFIG, garbage))).toEqual([
      { status: 400, info: 'message is of type that cannot be processed directly' },
    ]);
  });

  test('ends the stream at the first refusal', async () => {
    const good = await clients.forged({ creator: tashi, args: ['put', 'before', '1'] });
    const answers = await clients.broadcast(good, ofType(common.HeaderType.CONFIG), good);
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
  });
});
