import { expect } from '@jest/globals';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, gateway, ledger } from '@hyperledger/fabric-protos';
import type { CaseGroup } from '../conformance-case';
import { submitOutcome } from '../gateway-calls';
import { accessDenied, unknownError } from '../known-texts';
import { discoveringClient } from '../legacy-client';
import { outcomeOf } from '../outcomes';
import { actionOf } from '@procurement/network/messages/transaction';
import { statusName } from '@procurement/network/messages/seek';
import { procurementSeek } from '../seek';
import type { ProcurementSeek } from '../seek';
import { spoiled } from '../signer';
import type { World } from '../world';

const channel = 'procurement';
const nextCentury = Timestamp.fromDate(new Date('2100-01-01T00:00:00Z'));

const proposals: CaseGroup = {
  title: 'a proposal that nobody recorded',
  cases: [
    {
      id: 'u1',
      title: 'may have the header of a configuration',
      observe: (world) =>
        world.ask(['echo', 'x'], {
          changeChannelHeader: (header) => {
            header.setType(common.HeaderType.CONFIG);
          },
        }),
      expected: { ok: true, result: { status: 200, payload: 'x', endorsed: true } },
    },
    {
      id: 'u2',
      title: 'must be signed with the key of its certificate',
      observe: async (world) => {
        const other = await world.identities.client('MinistryMSP', 'other');
        const sign = (message: Uint8Array) => other.sign(message);
        return world.ask(['echo', 'x'], { creator: { ...(await world.client()), sign } });
      },
      expected: unknownError(accessDenied),
    },
    {
      id: 'u3',
      title: 'may be of the next century on 2.5, but not on 3.x',
      observe: (world) =>
        world.ask(['echo', 'x'], {
          changeChannelHeader: (header) => {
            header.setTimestamp(nextCentury);
          },
        }),
      expectedByCompat: {
        '2.5': { ok: true, result: { status: 200, endorsed: true } },
        '3.1': {
          grpcCode: 2,
          details:
            'request unauthorized due to incorrect timestamp <TIME>, peer time <TIME>, ' +
            'peer.authentication.timewindow 15m0s',
        },
      },
    },
    {
      id: 'u4',
      title: 'is checked by the peer behind a gateway too',
      observe: async (world) => {
        const signer = spoiled(await world.client());
        const request = new gateway.EvaluateRequest();
        request.setProposedTransaction((await world.proposal(['echo', 'x'], { signer })).signed);
        return outcomeOf(world.clients.evaluate('MinistryMSP', request));
      },
      expected: { grpcCode: 9, details: expect.stringContaining(accessDenied) },
    },
    {
      id: 'u5',
      title: 'cannot be endorsed by organizations without a peer',
      observe: (world) =>
        submitOutcome(world, ['put', 'ku5', 'v'], { endorsing: ['NoMSP', 'NorMSP'] }),
      expected: {
        error: 'EndorseError',
        message: '14 UNAVAILABLE: failed to find any endorsing peers for org(s): NoMSP, NorMSP',
      },
    },
  ],
};

const transactions: CaseGroup = {
  title: 'a transaction that nobody recorded',
  cases: [
    {
      id: 'u14',
      title: 'cannot be submitted to a channel that the gateway does not know',
      observe: async (world) => {
        const request = new gateway.SubmitRequest();
        request.setChannelId('nochan');
        request.setPreparedTransaction(await world.forged(['put', 'ku14', 'v']));
        return outcomeOf(world.clients.submit('MinistryMSP', request));
      },
      expected: {
        grpcCode: 9,
        details:
          'failed to get config for channel [nochan]: ' +
          'could not get last config for channel nochan',
      },
    },
    {
      id: 'u15',
      title: 'says nothing about the reads of a range without rows',
      observe: async (world) => {
        const response = await world.run(['rangeWrite', 'void-', 'void-z', 'ku15', 'x']);
        const sets = ledger.rwset.TxReadWriteSet.deserializeBinary(
          actionOf(response.getPayload_asU8()).getResults_asU8(),
        ).getNsRwsetList();
        const own = sets.find((one) => one.getNamespace() === 'probe')!;
        const [range] = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(
          own.getRwset_asU8(),
        ).getRangeQueriesInfoList();
        return { hasRawReads: range!.hasRawReads(), hasSummary: range!.hasReadsMerkleHashes() };
      },
      expected: { hasRawReads: false, hasSummary: false },
    },
    {
      id: 'u6',
      title: 'may have an endorser that cannot be read',
      observe: async (world) => {
        const nobody = {
          ...(await world.identities.peer('AuditorMSP')),
          serialized: Buffer.from('nobody'),
        };
        const ministry = await world.identities.peer('MinistryMSP');
        const vendor = await world.identities.peer('VendorMSP');
        const by = [nobody, ministry, vendor];
        return world.orderForged(['put', 'ku6', 'v'], { chaincode: 'greedy3', by });
      },
      expected: { broadcast: 200, name: 'VALID' },
    },
    {
      id: 'u7',
      title: 'may have an endorser that takes what an earlier one could not',
      observe: async (world) => {
        const boss = await world.identities.odd({ mspId: 'MinistryMSP', units: ['admin'] });
        const by = [await world.identities.admin('MinistryMSP'), await world.client(), boss];
        return world.orderForged(['put', 'ku7', 'v'], { chaincode: 'greedy', by });
      },
      expected: { broadcast: 200, name: 'VALID' },
    },
  ],
};

const services: CaseGroup = {
  title: 'a service of blocks',
  cases: [
    {
      id: 'u8',
      title: 'is for readers, at peers and at the ordering node',
      observe: async (world) => {
        const of = async (signer: ProcurementSeek['signer']) =>
          peerAnswer(world, { signer, start: 0 });
        const atOrderer = (signer: ProcurementSeek['signer']) =>
          ordererAnswer(world, { signer, start: 0 });
        const twoRoles = await world.identities.twoRoles('MinistryMSP');
        return {
          otherPeer: await of(await world.identities.peer('VendorMSP')),
          stranger: await of(await world.identities.stranger()),
          twoRoles: await of(twoRoles),
          ordererClient: await atOrderer(await world.client()),
          ordererTwoRoles: await atOrderer(twoRoles),
        };
      },
      expected: {
        otherPeer: 'block',
        stranger: 'FORBIDDEN',
        twoRoles: 'FORBIDDEN',
        ordererClient: 'block',
        ordererTwoRoles: 'FORBIDDEN',
      },
    },
    {
      id: 'u9',
      title: 'does not find an unknown channel',
      observe: async (world) =>
        peerAnswer(world, { signer: await world.client(), start: 0, channel: 'nochan' }),
      expected: 'NOT_FOUND',
    },
    {
      id: 'u10',
      title: 'sends what qscc tells by number',
      observe: async (world) => {
        const call = { chaincode: 'qscc' };
        const response = await world.run(['GetBlockByNumber', channel, '1'], call);
        const told = Buffer.from(response.getResponse()!.getPayload_asU8());
        return { same: told.equals((await world.watch().block(1)).serializeBinary()) };
      },
      expected: { same: true },
    },
    {
      id: 'u11',
      title: 'is ended by the ordering node at the first message that it refuses',
      observe: async (world) => {
        const good = await world.forged(['put', 'ku11', 'v']);
        const refused = await world.forged(['put', 'ku11', 'v'], {
          parts: {
            changeHeader: (header) => {
              const inner = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
              inner.setType(common.HeaderType.CONFIG);
              header.setChannelHeader(inner.serializeBinary());
            },
          },
        });
        const answers = await world.clients.broadcast(good, refused, good);
        await world.watch().placed(good.serializeBinary(), 1);
        return answers.map(({ status }) => status);
      },
      expected: [200, 400],
    },
  ],
};

const library: CaseGroup = {
  title: 'fabric-network with its default options, where endorsers',
  cases: [
    {
      id: 'u12',
      title: 'do not agree, submits nothing',
      observe: (world) => submitDiscovering(world, 'random', 'ku12'),
      expected: { ok: false, message: expect.stringContaining('Peer endorsements do not match') },
    },
    {
      id: 'u13',
      title: 'all refuse, gives the text of each',
      observe: (world) => submitDiscovering(world, 'fail', 'boom'),
      expected: {
        ok: false,
        message: expect.stringMatching(
          /^No valid responses from any peers\. Errors:(\s+peer=\S+, status=500, message=boom){2}$/,
        ),
      },
    },
  ],
};

/** What no recording has, but both kinds of network answer. */
export function unrecordedCases(): readonly CaseGroup[] {
  return [proposals, transactions, services, library];
}

/** What the ministry's peer answers first: `block`, or the name of a status. */
async function peerAnswer(world: World, seek: ProcurementSeek): Promise<string> {
  return firstAnswer(world.clients.deliver(procurementSeek(seek)));
}

async function ordererAnswer(world: World, seek: ProcurementSeek): Promise<string> {
  return firstAnswer(world.clients.ordererDeliver(procurementSeek(seek)));
}

async function firstAnswer(
  answers: AsyncIterable<{ hasBlock(): boolean; getStatus(): number }>,
): Promise<string> {
  for await (const answer of answers) {
    return answer.hasBlock() ? 'block' : statusName(answer.getStatus());
  }
  return 'nothing';
}

async function submitDiscovering(world: World, ...args: [string, string]): Promise<unknown> {
  const client = await discoveringClient(world, await world.client());
  try {
    const [name, argument] = args;
    return await outcomeOf(client.contract.submitTransaction(name, argument));
  } finally {
    client.close();
  }
}
