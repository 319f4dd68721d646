import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common, discovery, msp, peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { blockDataHash, blockHeaderHash, headerParts } from '../state/block-hashes';
import { startAssetNetwork } from '../test-support/asset-network';
import { recordedTopology } from './behaviours.test-support';
import { RawClients } from './raw-clients.test-support';
import { newProposal } from './raw-transaction.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

const channel = 'procurement';
const mspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'];
const notReaders =
  'Failed evaluating policy on signed data during check policy on channel [procurement] with ' +
  'policy [/Channel/Application/Readers]: [implicit policy evaluation failed - 0 sub-policies ' +
  "were satisfied, but this policy requires 1 of the 'Readers' sub-policies to be satisfied]";

let clients: RawClients;
let tashi: SigningIdentity;
/** A valid member of the auditor's MSP that is neither admin, peer nor client. */
let stranger: SigningIdentity;
let committed: { txId: string; block: number };

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology: recordedTopology }));
  tashi = await clients.user('tashi');
  stranger = clients.crypto.orderer.identity;
  const proposal = newProposal({ creator: tashi, args: ['event', 'told', 'secret payload'] });
  const responses = await clients.responses(proposal, ['AuditorMSP', 'MinistryMSP']);
  const placed = await clients.commit(clients.assemble(proposal, responses));
  expect(placed[0]?.code).toBe(0);
  committed = { txId: proposal.txId, block: placed[0]!.block };
  const bad = await clients.forged({ creator: tashi, args: ['event', 'invalid', 'p'] }, []);
  expect(await clients.codesOf(bad)).toEqual([10]);
});

afterAll(async () => {
  clients.close();
  await clients.network.close();
});

async function blocksOf(mspId: string): Promise<common.Block[]> {
  const blocks: common.Block[] = [];
  const stop = clients.network.network.heightOf('MinistryMSP') - 1;
  for await (const answer of clients.deliver({ signer: tashi, start: 0, stop }, mspId)) {
    const block = answer.getBlock();
    if (block) blocks.push(block);
  }
  return blocks;
}

describe('a ledger', () => {
  test('62: is a chain of hashes with flags and commit hashes, the same at every peer', async () => {
    const blocks = await blocksOf('MinistryMSP');
    let previous: Uint8Array = Buffer.of();
    for (const [number, block] of blocks.entries()) {
      const header = headerParts(block);
      const data = block.getData()!.getDataList_asU8();
      const slots = block.getMetadata()!.getMetadataList_asU8();
      expect(header.number).toBe(number);
      expect(Buffer.from(header.previousHash)).toEqual(Buffer.from(previous));
      expect(blockDataHash(data).equals(header.dataHash)).toBe(true);
      expect(slots).toHaveLength(5);
      expect(slots[2]).toHaveLength(data.length);
      const commitHash = common.Metadata.deserializeBinary(slots[4]!).getValue_asU8();
      expect(commitHash).toHaveLength(number === 0 ? 0 : 32);
      previous = blockHeaderHash(header);
    }
    const bytes = blocks.map((one) => Buffer.from(one.serializeBinary()));
    for (const mspId of ['VendorMSP', 'AuditorMSP']) {
      const others = (await blocksOf(mspId)).map((one) => Buffer.from(one.serializeBinary()));
      expect(others).toEqual(bytes);
    }
  });

  test('62, 65: begins with a configuration', async () => {
    const [genesis] = await blocksOf('MinistryMSP');
    const slots = genesis!.getMetadata()!.getMetadataList_asU8();
    expect([...slots[2]!]).toEqual([0]);
    expect(headerParts(genesis!).previousHash).toHaveLength(0);
    const [bytes] = genesis!.getData()!.getDataList_asU8();
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(bytes!).getPayload_asU8(),
    );
    const header = payload.getHeader()!.getChannelHeader_asU8();
    expect(common.ChannelHeader.deserializeBinary(header).getType()).toBe(1);
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    const groups = config!.getChannelGroup()!.getGroupsMap();
    expect(keysOf(groups)).toEqual(['Application', 'Orderer']);
  });
});

describe('a stream of blocks', () => {
  test('63: in its filtered form has the names of events but no payload, invalid ones too', async () => {
    const seen: peer.FilteredTransaction.AsObject[] = [];
    const seek = { signer: tashi, start: committed.block, stop: committed.block + 1 };
    for await (const answer of clients.deliver(seek, 'MinistryMSP', 'deliverFiltered')) {
      const block = answer.getFilteredBlock()?.toObject();
      if (block) seen.push(...block.filteredTransactionsList);
    }
    const events = seen.map((one) => [
      one.txValidationCode,
      one.transactionActions?.chaincodeActionsList[0]?.chaincodeEvent,
    ]);
    expect(events).toEqual([
      [0, { chaincodeId: 'asset', txId: committed.txId, eventName: 'told', payload: '' }],
      [10, expect.objectContaining({ eventName: 'invalid', payload: '' })],
    ]);
  });

  test('66: waits for the next block, and is refused further on', async () => {
    const height = clients.network.network.heightOf('MinistryMSP');
    const waiting = clients.delivered({ signer: tashi, start: height, stop: height });
    const seek = { signer: tashi, start: height + 1, stop: height + 1 };
    expect(await clients.delivered(seek)).toEqual(['NOT_FOUND']);
    const hasty = { signer: tashi, start: height, stop: height, failIfNotReady: true };
    expect(await clients.delivered(hasty)).toEqual(['NOT_FOUND']);
    await clients.codesOf(await clients.forged({ creator: tashi, args: ['put', 'n', '1'] }));
    expect(await waiting).toEqual([`block ${String(height)}`, 'SUCCESS']);
  });

  test('66: that ends before it starts is a bad request', async () => {
    expect(await clients.delivered({ signer: tashi, start: 1, stop: 0 })).toEqual(['BAD_REQUEST']);
  });

  test('67: is asked for within a quarter of an hour, by the clock of the server', async () => {
    const minuteMs = 60_000;
    const at = (offsetMs: number | undefined) =>
      clients.delivered({ signer: tashi, start: 0, stop: 0, offsetMs });
    for (const minutes of [14, -14]) {
      expect(await at(minutes * minuteMs)).toEqual(['block 0', 'SUCCESS']);
    }
    for (const minutes of [16, -16]) expect(await at(minutes * minuteMs)).toEqual(['BAD_REQUEST']);
    expect(await at(undefined)).toEqual(['BAD_REQUEST']);
    const late = { signer: tashi, start: 0, stop: 0, offsetMs: -16 * minuteMs };
    expect(await clients.orderedBlocks(late)).toEqual(['BAD_REQUEST']);
  });

  test('is for readers only, at the peers and at the ordering node', async () => {
    const all = { start: 0, stop: 0 };
    expect(await clients.delivered({ ...all, signer: clients.peer('VendorMSP') })).toEqual([
      'block 0',
      'SUCCESS',
    ]);
    const twoRoles = await clients.oddIdentity('MinistryMSP', { units: ['client', 'peer'] });
    for (const signer of [stranger, twoRoles]) {
      expect(await clients.delivered({ ...all, signer })).toEqual(['FORBIDDEN']);
    }
    expect(await clients.orderedBlocks({ ...all, signer: tashi })).toEqual(['block 0', 'SUCCESS']);
    expect(await clients.orderedBlocks({ ...all, signer: twoRoles })).toEqual(['FORBIDDEN']);
  });

  test('12d: is not for an expired certificate', async () => {
    const signer = await clients.expiredIdentity('MinistryMSP');
    expect(await clients.delivered({ signer, start: 0, stop: 0 })).toEqual(['FORBIDDEN']);
  });

  test('of an unknown channel is not found', async () => {
    const seek = { signer: tashi, start: 0, stop: 0, channelId: 'nochan' };
    expect(await clients.delivered(seek)).toEqual(['NOT_FOUND']);
  });
});

async function ask(
  parts: { creator?: SigningIdentity; channelId?: string },
  chaincode: string,
  ...args: string[]
): Promise<peer.ProposalResponse> {
  const { creator = tashi, channelId = channel } = parts;
  return clients.propose(
    'MinistryMSP',
    newProposal({ creator, channelId, chaincode, args }).signed,
  );
}

function outcome(answer: peer.ProposalResponse): [number, string, boolean] {
  const response = answer.getResponse()!;
  return [response.getStatus(), response.getMessage(), answer.hasEndorsement()];
}

describe('qscc', () => {
  test('69: tells the height, blocks and transactions', async () => {
    const bytes = async (...args: string[]) =>
      (await ask({}, 'qscc', ...args)).getResponse()!.getPayload_asU8();
    const info = common.BlockchainInfo.deserializeBinary(await bytes('GetChainInfo', channel));
    const blocks = await blocksOf('MinistryMSP');
    const hashes = blocks.map((one) => blockHeaderHash(headerParts(one)));
    expect(info.getHeight()).toBe(blocks.length);
    expect(Buffer.from(info.getCurrentblockhash_asU8())).toEqual(hashes.at(-1));
    expect(Buffer.from(info.getPreviousblockhash_asU8())).toEqual(hashes.at(-2));
    const block = Buffer.from(blocks[committed.block]!.serializeBinary());
    const number = String(committed.block);
    expect(Buffer.from(await bytes('GetBlockByNumber', channel, number))).toEqual(block);
    expect(Buffer.from(await bytes('GetBlockByTxID', channel, committed.txId))).toEqual(block);
    const processed = peer.ProcessedTransaction.deserializeBinary(
      await bytes('GetTransactionByID', channel, committed.txId),
    );
    expect(processed.getValidationcode()).toBe(0);
    expect(Buffer.from(processed.getTransactionenvelope()!.serializeBinary())).toEqual(
      Buffer.from(blocks[committed.block]!.getData()!.getDataList_asU8()[0]!),
    );
  });

  test.each([
    [
      ['GetBlockByNumber', channel, '999999'],
      'Failed to get block number 999999, error no such block number [999999] in index',
    ],
    [
      ['GetTransactionByID', channel, 'ab'],
      'Failed to get transaction with id ab, error no such transaction ID [ab] in index',
    ],
    [
      ['GetBlockByHash', channel, 'zz'],
      'Failed to get block hash zz, error no such block hash [7a7a] in index',
    ],
    [
      ['GetBlockByTxID', channel, 'ab'],
      'Failed to get block for txID ab, error no such transaction ID [ab] in index',
    ],
    [['GetChainInfo', 'nochan'], 'Invalid chain ID, nochan'],
    [['Nope', channel], 'missing 3rd argument for Nope'],
    [['GetChainInfo'], 'Incorrect number of arguments, 1'],
    [
      ['GetBlockByNumber', channel, 'abc'],
      'Failed to parse block number with error strconv.ParseUint: parsing "abc": invalid syntax',
    ],
    [['GetBlockByNumber', channel], 'missing 3rd argument for GetBlockByNumber'],
  ])('69: asked %j says "%s"', async (args, text) => {
    expect(outcome(await ask({}, 'qscc', ...args))).toEqual([500, text, false]);
  });

  test('69: is for readers only', async () => {
    const denied = await ask({ creator: stranger }, 'qscc', 'GetChainInfo', channel);
    expect(outcome(denied)).toEqual([
      500,
      `access denied for [GetChainInfo][procurement]: [${notReaders}]`,
      false,
    ]);
  });
});

describe('cscc and the lifecycle', () => {
  test('69b: tell about channels without endorsing, and about the configuration', async () => {
    const local = { channelId: '' };
    expect(outcome(await ask(local, 'cscc', 'GetChannels'))).toEqual([200, '', false]);
    expect(outcome(await ask({}, 'cscc', 'GetConfigBlock', channel))).toEqual([200, '', true]);
    expect(outcome(await ask({}, 'cscc', 'GetChannelConfig', channel))).toEqual([200, '', true]);
    expect(outcome(await ask({}, 'cscc', 'GetConfigBlock', 'nochan'))).toEqual([
      500,
      'access denied for [GetConfigBlock][nochan]: Failed to get policy manager for channel ' +
        '[nochan]',
      false,
    ]);
  });

  test('69b: tell about definitions', async () => {
    const of = (name: string) => {
      const args = new peer.lifecycle.QueryChaincodeDefinitionArgs();
      args.setName(name);
      return Buffer.from(args.serializeBinary()).toString();
    };
    const query = (name: string) => ask({}, '_lifecycle', 'QueryChaincodeDefinition', of(name));
    expect(outcome(await query('asset'))).toEqual([200, '', true]);
    expect(outcome(await query('ghost'))).toEqual([404, 'namespace ghost is not defined', false]);
    expect(outcome(await ask({}, '_lifecycle', 'QueryChaincodeDefinitions', ''))).toEqual([
      200,
      '',
      true,
    ]);
    expect(outcome(await ask({}, '_lifecycle', 'Nope', ''))).toEqual([
      500,
      'Failed to authorize invocation due to failed ACL check: Unmapped policy for _lifecycle/Nope',
      false,
    ]);
  });

  test('69b: tell what is installed to administrators only', async () => {
    const local = { channelId: '' };
    const query = ['_lifecycle', 'QueryInstalledChaincodes', ''] as const;
    expect(outcome(await ask(local, ...query))).toEqual([
      500,
      'Failed to authorize invocation due to failed ACL check: Failed verifying that ' +
        "proposal's creator satisfies local MSP principal during channelless check policy with " +
        'policy [Admins]: [The identity is not an admin under this MSP [MinistryMSP]: The ' +
        'identity does not contain OU [ADMIN], MSP: [MinistryMSP]]',
      false,
    ]);
    const creator = await clients.user('boss');
    expect(outcome(await ask({ ...local, creator }, ...query))).toEqual([200, '', false]);
  });
});

describe('discovery', () => {
  async function discover(
    fill: (query: discovery.Query) => void,
    signer = tashi,
  ): Promise<discovery.QueryResult> {
    const query = new discovery.Query();
    query.setChannel(channel);
    fill(query);
    const authentication = new discovery.AuthInfo();
    authentication.setClientIdentity(signer.serialized);
    const request = new discovery.Request();
    request.setAuthentication(authentication);
    request.addQueries(query);
    const signed = new discovery.SignedRequest();
    signed.setPayload(request.serializeBinary());
    signed.setSignature(signer.sign(signed.getPayload_asU8()));
    const client = await clients.discovery();
    const answer = await new Promise<discovery.Response>((resolve, reject) => {
      client.discover(signed, (error, value) => {
        if (error) reject(error);
        else resolve(value!);
      });
    });
    return answer.getResultsList()[0]!;
  }

  const endorsersOf = (name: string) => (query: discovery.Query) => {
    const call = new peer.ChaincodeCall();
    call.setName(name);
    const interest = new peer.ChaincodeInterest();
    interest.addChaincodes(call);
    const chaincodes = new discovery.ChaincodeQuery();
    chaincodes.addInterests(interest);
    query.setCcQuery(chaincodes);
  };

  test('72b: lists the sets of peers that satisfy the policy', async () => {
    const result = await discover(endorsersOf('asset'));
    const [descriptor] = result.getCcQueryRes()!.getContentList();
    const groups = new Map<string, string>();
    descriptor!.getEndorsersByGroupsMap().forEach((peers, group) => {
      const [first] = peers.getPeersList();
      groups.set(group, mspIdOf(first!.getIdentity_asU8()));
    });
    const layouts = descriptor!.getLayoutsList().map((layout) => {
      const names: string[] = [];
      layout.getQuantitiesByGroupMap().forEach((count, group) => {
        names.push(`${String(count)} ${groups.get(group) ?? ''}`);
      });
      return names.sort();
    });
    expect(layouts.sort()).toEqual([
      ['1 AuditorMSP', '1 MinistryMSP'],
      ['1 AuditorMSP', '1 VendorMSP'],
    ]);
  });

  test('72b: says that an unknown chaincode has none', async () => {
    const result = await discover(endorsersOf('ghost'));
    expect(result.getError()?.getContent()).toBe(
      'failed constructing descriptor for chaincodes:{name:"ghost"}',
    );
  });

  test('72b: lists members and certificates', async () => {
    const members = await discover((query) => {
      query.setPeerQuery(new discovery.PeerMembershipQuery());
    });
    const found: string[] = [];
    members
      .getMembers()!
      .getPeersByOrgMap()
      .forEach((peers, mspId) => {
        found.push(`${mspId} ${String(peers.getPeersList().length)}`);
      });
    expect(found.sort()).toEqual(mspIds.map((mspId) => `${mspId} 1`).sort());
    const config = await discover((query) => {
      query.setConfigQuery(new discovery.ConfigQuery());
    });
    expect(keysOf(config.getConfigResult()!.getMspsMap())).toEqual([...mspIds].sort());
  });

  test('72b: is for writers, so not for peers, and of this channel only', async () => {
    const asPeer = await discover(endorsersOf('asset'), clients.peer('MinistryMSP'));
    expect(asPeer.getError()?.getContent()).toBe('access denied');
    const elsewhere = await discover((query) => {
      query.setChannel('nochan');
      endorsersOf('asset')(query);
    });
    expect(elsewhere.getError()?.getContent()).toBe('access denied');
  });
});

function keysOf(map: { forEach(visit: (value: unknown, key: string) => void): void }): string[] {
  const keys: string[] = [];
  map.forEach((_, key) => keys.push(key));
  return keys.sort();
}

function mspIdOf(identity: Uint8Array): string {
  return msp.SerializedIdentity.deserializeBinary(identity).getMspid();
}
