import { common } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import { dataHash, envelopesOf, headerHash, metadataOf } from '../block-hashes';
import type { CaseGroup } from '../conformance-case';
import { channelHeaderOf } from '@procurement/network/messages/transaction';
import { peerMspIds } from '../recorded-network';
import { statusName } from '@procurement/network/messages/seek';
import { procurementSeek } from '../seek';
import type { ProcurementSeek } from '../seek';
import type { World } from '../world';

const minuteMs = 60_000;

const chain: CaseGroup = {
  title: 'the blocks of a ledger',
  cases: [
    {
      id: '62',
      title: 'are a chain of hashes with flags, the same at every peer',
      observe: observeChain,
      expected: { bad: { chain: 0, data: 0, filter: 0, commitHashLen: 0, peersDiffer: 0 } },
    },
  ],
};

const streams: CaseGroup = {
  title: 'a stream of blocks',
  cases: [
    {
      id: '63',
      title: 'in its filtered form has events without payload, also of invalid transactions',
      observe: observeFiltered,
      expected: [
        { code: 0, event: { chaincodeId: 'probe', eventName: 'told', payload: '' } },
        { code: 10, event: { chaincodeId: 'probe', eventName: 'invalid', payload: '' } },
      ],
    },
    {
      id: '66',
      title: 'waits for the next block, and is refused beyond it',
      observe: observeTip,
      expected: {
        beyond: ['NOT_FOUND'],
        hasty: ['NOT_FOUND'],
        backwards: ['BAD_REQUEST'],
        waited: ['block', 'SUCCESS'],
      },
    },
    {
      id: '67',
      title: 'is asked for within a quarter of an hour',
      observe: observeTimes,
      expected: {
        plus14: 'block',
        minus14: 'block',
        plus16: 'status BAD_REQUEST',
        minus16: 'status BAD_REQUEST',
        missing: 'status BAD_REQUEST',
        ordererMinus16: 'status BAD_REQUEST',
      },
    },
  ],
};

/** Blocks and the services that send them. */
export function blockCases(): readonly CaseGroup[] {
  return [chain, streams];
}

async function observeChain(world: World): Promise<object> {
  const [placed] = await world.commit(await world.forged(['put', 'k62', 'v']));
  const blocks = world.watch().blocks.slice(0, placed!.block + 1);
  const count = (isBad: (block: common.Block, at: number) => boolean) =>
    blocks.filter(isBad).length;
  const bytes = (block: common.Block) => Buffer.from(comparable(block).serializeBinary());
  return {
    bad: {
      chain: count((block, at) => !followsOn(block, blocks[at - 1], at)),
      data: count((block) => !dataHash(block).equals(block.getHeader()!.getDataHash_asU8())),
      filter: count((block) => metadataOf(block)[2]?.length !== envelopesOf(block).length),
      commitHashLen: count((block, at) => commitHashOf(block).length !== (at === 0 ? 0 : 32)),
      peersDiffer: count((block, at) =>
        peerMspIds.some((mspId) => !bytes(world.watch(mspId).blocks[at]!).equals(bytes(block))),
      ),
    },
    block0: genesisView(blocks[0]!),
  };
}

/**
 * A block as every peer must have it. SmartBFT's ordering nodes each keep a quorum of signatures of
 * their own, so that it is equal but for them.
 */
function comparable(block: common.Block): common.Block {
  const { SIGNATURES } = common.BlockMetadataIndex;
  const slots = metadataOf(block);
  const signatures = common.Metadata.deserializeBinary(slots[SIGNATURES] ?? Buffer.of());
  if (signatures.getSignaturesList().length <= 1) return block;
  signatures.clearSignaturesList();
  const bare = block.cloneMessage();
  const rest = slots.map((slot, at) => (at === SIGNATURES ? signatures.serializeBinary() : slot));
  bare.getMetadata()!.setMetadataList(rest);
  return bare;
}

function followsOn(block: common.Block, previous: common.Block | undefined, at: number): boolean {
  const header = block.getHeader()!;
  const expected = previous ? headerHash(previous) : Buffer.of();
  return header.getNumber() === at && expected.equals(header.getPreviousHash_asU8());
}

function commitHashOf(block: common.Block): Uint8Array {
  return common.Metadata.deserializeBinary(metadataOf(block)[4] ?? Buffer.of()).getValue_asU8();
}

function genesisView(block: common.Block): object {
  const slots = metadataOf(block);
  const envelope = common.Envelope.deserializeBinary(envelopesOf(block)[0]!);
  return {
    metadataSlots: slots.map(({ length }) => length),
    filter: Buffer.from(slots[2]!).toString('hex'),
    type: channelHeaderOf(envelope).getType(),
    previousHashLen: block.getHeader()!.getPreviousHash_asU8().length,
  };
}

async function observeFiltered(world: World): Promise<object[]> {
  const signer = await world.client();
  const told = await world.forged(['event', 'told', 'secret payload']);
  const invalid = await world.forged(['event', 'invalid', 'p'], { by: [] });
  const [first] = await world.commit(told);
  const [second] = await world.commit(invalid);
  const seen: peer.FilteredTransaction[] = [];
  const request = procurementSeek({ signer, start: first!.block, stop: second!.block });
  for await (const answer of world.clients.deliver(request, { kind: 'deliverFiltered' })) {
    seen.push(...(answer.getFilteredBlock()?.getFilteredTransactionsList() ?? []));
  }
  return seen.map((one) => ({
    code: one.getTxValidationCode(),
    event: one
      .getTransactionActions()
      ?.getChaincodeActionsList()[0]
      ?.getChaincodeEvent()
      ?.toObject(),
  }));
}

async function observeTip(world: World): Promise<object> {
  const signer = await world.client();
  const [placed] = await world.commit(await world.forged(['put', 'k66', '1']));
  const height = placed!.block + 1;
  const waiting = answersTo(world, { signer, start: height });
  const beyond = await answersTo(world, { signer, start: height + 1 });
  const hasty = await answersTo(world, { signer, start: height, failIfNotReady: true });
  const backwards = await answersTo(world, { signer, start: 1, stop: 0 });
  await world.prepare(['put', 'k66', '2']);
  return { beyond, hasty, backwards, waited: await waiting };
}

async function observeTimes(world: World): Promise<object> {
  const signer = await world.client();
  const at = async (offsetMs: number | undefined) => {
    const [first] = await answersTo(world, { signer, start: 0, offsetMs });
    return first === 'block' ? first : `status ${String(first)}`;
  };
  const late = procurementSeek({ signer, start: 0, offsetMs: -16 * minuteMs });
  const ordererAnswers: string[] = [];
  for await (const answer of world.clients.ordererDeliver(late)) {
    ordererAnswers.push(answer.hasBlock() ? 'block' : `status ${statusName(answer.getStatus())}`);
  }
  return {
    plus14: await at(14 * minuteMs),
    minus14: await at(-14 * minuteMs),
    plus16: await at(16 * minuteMs),
    minus16: await at(-16 * minuteMs),
    missing: await at(undefined),
    ordererMinus16: ordererAnswers[0],
  };
}

/** `block` or the name of the status, for every message of the ministry's peer. */
async function answersTo(world: World, seek: ProcurementSeek): Promise<string[]> {
  const seen: string[] = [];
  for await (const answer of world.clients.deliver(procurementSeek(seek))) {
    seen.push(answer.hasBlock() ? 'block' : statusName(answer.getStatus()));
  }
  return seen;
}
