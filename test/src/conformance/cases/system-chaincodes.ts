import { common, peer } from '@hyperledger/fabric-protos';
import { headerHash } from '../block-hashes';
import type { CaseGroup } from '../conformance-case';
import { evaluateOutcome } from '../gateway-calls';
import { policyCheckFailure } from '../known-texts';
import { outcomeOf } from '../outcomes';
import type { Outcome } from '../outcomes';
import { actionOf } from '@procurement/network/messages/transaction';
import { plainLengthOf } from '../rwset-view';
import type { Call, World } from '../world';

const channel = 'procurement';

const systemChaincodes: CaseGroup = {
  title: 'a system chaincode',
  cases: [
    {
      id: '69',
      title: 'tells readers about blocks and transactions',
      observe: observeQscc,
      expected: {
        currentHashIsHeaderHash: true,
        byTx: true,
        processedCode: 0,
        noBlock: { grpcCode: 2 },
        denied: {
          result: {
            status: 500,
            message:
              'access denied for [GetChainInfo][procurement]: ' +
              `[${policyCheckFailure('Readers')}]`,
          },
        },
      },
    },
    {
      id: '69b',
      title: 'tells about channels, configurations and definitions',
      observe: observeOthers,
      expected: {
        getChannels: { result: { status: 200, endorsed: false } },
        getConfigBlock: { result: { status: 200, endorsed: true } },
        qdef: { result: { status: 200, endorsed: true } },
        qdefGhost: { result: { status: 404, message: 'namespace ghost is not defined' } },
        installedUser: { result: { status: 500 } },
        installedAdmin: { result: { status: 200 } },
      },
    },
  ],
};

/** qscc, cscc, the lifecycle and what is left of lscc. */
export function systemChaincodeCases(): readonly CaseGroup[] {
  return [systemChaincodes];
}

async function observeQscc(world: World): Promise<object> {
  const proposal = await world.proposal(['put', 'k69', 'v']);
  const envelope = await world.forgedFrom(proposal);
  const [placed] = await world.commit(envelope);
  const block = await world.watch().block(placed!.block);
  const expected = Buffer.from(block.serializeBinary());
  const isBlock = async (...args: (string | Uint8Array)[]) =>
    Buffer.from(await bytesOf(world, 'qscc', args)).equals(expected);
  const info = common.BlockchainInfo.deserializeBinary(
    await bytesOf(world, 'qscc', ['GetChainInfo', channel]),
  );
  const processed = peer.ProcessedTransaction.deserializeBinary(
    await bytesOf(world, 'qscc', ['GetTransactionByID', channel, proposal.txId]),
  );
  const found = Buffer.from(processed.getTransactionenvelope()!.serializeBinary());
  return {
    currentHashIsHeaderHash: headerHash(block).equals(info.getCurrentblockhash_asU8()),
    previousHashOk: Buffer.from(info.getPreviousblockhash_asU8()).equals(
      block.getHeader()!.getPreviousHash_asU8(),
    ),
    byHash: await isBlock('GetBlockByHash', channel, headerHash(block)),
    byTx: await isBlock('GetBlockByTxID', channel, proposal.txId),
    processedCode: processed.getValidationcode(),
    envelopeSame: found.equals(envelope.serializeBinary()),
    ...(await qsccRefusals(world)),
  };
}

async function qsccRefusals(world: World): Promise<object> {
  const refused = async (...args: [string, ...string[]]) => {
    const outcome = await evaluateOutcome(world, args, { chaincode: 'qscc' });
    const { error, grpcCode, message } = outcome;
    return { error, grpcCode, message };
  };
  return {
    noBlock: await refused('GetBlockByNumber', channel, '999999'),
    noTx: await refused('GetTransactionByID', channel, 'ab'),
    noHash: await refused('GetBlockByHash', channel, 'zz'),
    noTxBlock: await refused('GetBlockByTxID', channel, 'ab'),
    badChannel: await refused('GetChainInfo', 'nochan'),
    badFn: await refused('Nope', channel),
    noArgs: await refused('GetChainInfo'),
    badNumber: await refused('GetBlockByNumber', channel, 'abc'),
    noNumber: await refused('GetBlockByNumber', channel),
    denied: await world.ask(['GetChainInfo', channel], {
      chaincode: 'qscc',
      creator: await world.identities.stranger(),
    }),
  };
}

async function observeOthers(world: World): Promise<object> {
  const admin = await world.identities.admin('MinistryMSP');
  const local = { channel: '' };
  const cscc = { chaincode: 'cscc' };
  const lifecycle = { chaincode: '_lifecycle' };
  const installed = ['QueryInstalledChaincodes', ''];
  return {
    getChannels: await view(world, ['GetChannels'], { ...cscc, ...local }),
    getChannelsAdmin: await view(world, ['GetChannels'], { ...cscc, ...local, creator: admin }),
    getConfigBlock: await view(world, ['GetConfigBlock', channel], cscc),
    getChannelConfig: await view(world, ['GetChannelConfig', channel], cscc),
    noConfig: await view(world, ['GetConfigBlock', 'nochan'], cscc),
    qdef: await view(world, ['QueryChaincodeDefinition', definitionQuery('probe')], lifecycle),
    qdefGhost: await view(world, ['QueryChaincodeDefinition', definitionQuery('ghost')], lifecycle),
    qdefs: await view(world, ['QueryChaincodeDefinitions', ''], lifecycle),
    installedUser: await view(world, installed, { ...lifecycle, ...local }),
    installedAdmin: await view(world, installed, { ...lifecycle, ...local, creator: admin }),
    unknownFn: await view(world, ['Nope', ''], lifecycle),
    lscc: await view(world, ['getchaincodes'], { chaincode: 'lscc' }),
  };
}

function definitionQuery(name: string): Uint8Array {
  const args = new peer.lifecycle.QueryChaincodeDefinitionArgs();
  args.setName(name);
  return args.serializeBinary();
}

/** What a peer answers, and the length of the sets and the chaincode that it endorses. */
function view(world: World, args: readonly (string | Uint8Array)[], call: Call): Promise<Outcome> {
  return outcomeOf(world.run(args, call), (response) => {
    const payload = response.getPayload_asU8();
    const action = payload.length === 0 ? undefined : actionOf(payload);
    const id = action?.getChaincodeId();
    return {
      status: response.getResponse()!.getStatus(),
      message: response.getResponse()!.getMessage(),
      endorsed: response.hasEndorsement(),
      rwset: action ? plainLengthOf(action.getResults_asU8()) : null,
      ccid: id ? { path: id.getPath(), name: id.getName(), version: id.getVersion() } : null,
      payloadLen: '<N>',
    };
  });
}

async function bytesOf(
  world: World,
  chaincode: string,
  args: readonly (string | Uint8Array)[],
): Promise<Uint8Array> {
  const response = (await world.run(args, { chaincode })).getResponse()!;
  if (response.getStatus() !== 200) throw new Error(response.getMessage());
  return response.getPayload_asU8();
}
