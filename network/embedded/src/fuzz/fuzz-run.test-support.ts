import { readFile } from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { generateKey } from '../../../certificates/key-pair';
import { createSigningIdentity } from '../../../certificates/signing-identity';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { newAssetProposal } from '../behaviours/asset-proposal.test-support';
import { CaseChance } from './case-chance.test-support';
import { newCase } from './cases.test-support';
import type { CaseWorld, FuzzCase } from './cases.test-support';
import type { FuzzNetwork } from './fuzz-network.test-support';
import { sendGarbage } from './http2-garbage.test-support';
import { faultOf } from './outcomes.test-support';
import { rogueScript } from './rogue-scripts.test-support';
import { RpcCaller, deadlineMs } from './rpc-calls.test-support';
import type { Place } from './rpc-calls.test-support';

const inFlight = 48;
/** Of the cases, in percent: from the side of a chaincode, and bytes that are no gRPC at all. */
const share = { chaincode: 8, garbage: 2 };
const shownBytes = 3000;
/** Beyond every deadline of a call. */
const caseLimitMs = 2 * deadlineMs;
const mspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'];

/** Sends cases to a network and looks how it takes them. */
export class FuzzRun {
  readonly #network: FuzzNetwork;
  readonly #seed: number;
  readonly #world: CaseWorld;
  readonly #callers: ReadonlyMap<string, RpcCaller>;
  readonly #places: readonly Place[];
  /** How often each method ended how. */
  readonly #counts = new Map<string, number>();
  /** Blocks compared so far. */
  #comparedBlocks = 0;
  #transactions = 0;
  #megabytes: number[] = [];

  private constructor(parts: {
    network: FuzzNetwork;
    seed: number;
    world: CaseWorld;
    places: ReadonlyMap<string, Place>;
  }) {
    this.#network = parts.network;
    this.#seed = parts.seed;
    this.#world = parts.world;
    this.#places = [...parts.places.values()];
    this.#callers = new Map([...parts.places].map(([node, at]) => [node, new RpcCaller(at)]));
  }

  static async on(network: FuzzNetwork, seed: number): Promise<FuzzRun> {
    const { clients } = network;
    const places = new Map<string, Place>();
    for (const node of [...mspIds, 'orderer']) places.set(node, await network.place(node));
    const world: CaseWorld = {
      clients,
      channel: clients.network.network.topology.channel,
      members: await Promise.all(
        ['tashi', 'boss', 'vendor-1', 'auditor'].map((name) => clients.user(name)),
      ),
      strangers: [
        await clients.expiredIdentity('MinistryMSP'),
        await clients.oddIdentity('MinistryMSP', { units: ['nobody'] }),
        strangerLike(await clients.user('tashi')),
        { ...(await clients.user('tashi')), serialized: Buffer.from('nobody') },
      ],
      responsePayloads: await responsePayloads(network, await clients.user('tashi')),
      txIds: await orderedIds(network),
      sent: [],
    };
    return new FuzzRun({ network, seed, world, places });
  }

  close(): void {
    for (const caller of this.#callers.values()) caller.close();
  }

  /** Runs the cases from `first` up to `end`. @returns what was wrong, with the way to repeat it */
  async batch(first: number, end: number): Promise<string[]> {
    const faults: string[] = [];
    let next = first;
    const work = async (): Promise<void> => {
      while (next < end && this.#network.isAlive) {
        const index = next;
        next += 1;
        const fault = await withinTime(this.#run(index));
        if (fault !== undefined) faults.push(`case ${String(index)}: ${fault}`);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
    if (!this.#network.isAlive) {
      const last = (await this.#network.complaints()).slice(-shownBytes);
      faults.push(`the network process is gone before case ${String(next)}: ${last}`);
    }
    return faults;
  }

  /** Whether everything still is as it should be. @returns what is not */
  async conditionFaults(memoryMaxMegabytes: number): Promise<string[]> {
    const faults = [await this.#commitFault(), await this.#ledgerFault()];
    const megabytes = await this.#memory();
    this.#megabytes.push(megabytes);
    if (megabytes > memoryMaxMegabytes) faults.push(`${megabytes.toFixed(0)} MB of memory`);
    return faults.filter((fault) => fault !== undefined);
  }

  /** What the run came to, in a line. */
  summary(): string {
    const counts = [...this.#counts].sort(([a], [b]) => a.localeCompare(b));
    const [first = 0] = this.#megabytes;
    const last = this.#megabytes.at(-1) ?? 0;
    return (
      `${String(this.#comparedBlocks)} blocks alike on all peers, memory ${first.toFixed(0)} to ` +
      `${last.toFixed(0)} MB, ${counts.map(([name, count]) => `${name}: ${String(count)}`).join(', ')}`
    );
  }

  async #run(index: number): Promise<string | undefined> {
    const chance = new CaseChance(this.#seed, index);
    const which = chance.between(1, 100);
    if (which <= share.garbage) {
      await sendGarbage(chance.oneOf(this.#places), chance);
      this.#count('garbage');
      return undefined;
    }
    if (which <= share.garbage + share.chaincode) return this.#runChaincode(chance);
    const one = newCase(this.#world, this.#seed, index);
    return this.#runCall(one, chance);
  }

  async #runCall(one: FuzzCase, chance: CaseChance): Promise<string | undefined> {
    const node = one.method.node === 'orderer' ? 'orderer' : chance.oneOf(mspIds);
    const outcome = await this.#callers.get(node)?.call(one.method, one.requests, one);
    if (!outcome) return `no caller for ${node}`;
    const name = one.method.path.slice(one.method.path.lastIndexOf('/') + 1);
    this.#count(`${name} ${outcome.code === undefined ? 'waits' : status[outcome.code]}`);
    const fault = faultOf(one, outcome);
    if (fault === undefined) return undefined;
    const bytes = one.requests.map((request) => request.toString('base64').slice(0, shownBytes));
    return `${one.method.path}, ${one.kind}: ${fault}; requests ${bytes.join(' ')}`;
  }

  /** Each case says in an argument of its own which script it wants. */
  async #runChaincode(chance: CaseChance): Promise<string | undefined> {
    const script = rogueScript(chance);
    const { rogue, bad } = this.#network;
    const proposal = bad.contract.newProposal('any');
    const id = proposal.getTransactionId();
    rogue.scripts.set(id, script);
    try {
      const options = { deadline: Date.now() + deadlineMs };
      await (chance.isLucky(0.5) ? proposal.evaluate(options) : proposal.endorse(options));
      this.#count('chaincode OK');
    } catch (error) {
      return this.#chaincodeFault(error);
    } finally {
      rogue.scripts.delete(id);
    }
    return undefined;
  }

  #chaincodeFault(error: unknown): string | undefined {
    const { code, details } = error as { code: status; details: unknown };
    this.#count(`chaincode ${status[code]}`);
    const allowed = [
      status.UNKNOWN,
      status.ABORTED,
      status.FAILED_PRECONDITION,
      status.UNAVAILABLE,
    ];
    if (allowed.includes(code)) return undefined;
    return `chaincode: gRPC status ${String(code)}: ${JSON.stringify(details)}`;
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  async #commitFault(): Promise<string | undefined> {
    const { contract } = this.#network.good;
    this.#transactions += 1;
    const value = String(this.#transactions);
    try {
      await contract.submitTransaction('put', 'still-works', value);
      const read = Buffer.from(await contract.evaluateTransaction('get', 'still-works')).toString();
      return read === value ? undefined : `read ${read} where ${value} was written`;
    } catch (error) {
      return `a good transaction fails: ${String(error)}`;
    }
  }

  /** Compares the blocks since the last time, with their codes, on all peers. */
  async #ledgerFault(): Promise<string | undefined> {
    const [first, ...others] = await Promise.all(mspIds.map((mspId) => this.#newBlocks(mspId)));
    const common = Math.min(first?.length ?? 0, ...others.map((one) => one.length));
    for (let at = 0; at < common; at += 1) {
      if (others.every((one) => one[at] === first?.[at])) continue;
      return `block ${String(this.#comparedBlocks + at)} differs between peers`;
    }
    this.#comparedBlocks += common;
    return common > 0 ? undefined : 'no new block on some peer';
  }

  async #newBlocks(mspId: string): Promise<string[]> {
    const signer = this.#world.members[0];
    if (!signer) return [];
    const found: string[] = [];
    const seek = {
      ...{ signer, start: this.#comparedBlocks, stop: Number.MAX_SAFE_INTEGER },
      failIfNotReady: true,
    };
    for await (const answer of this.#world.clients.deliver(seek, mspId)) {
      const block = answer.getBlock();
      if (!block) break;
      const codes = block.getMetadata()?.getMetadataList_asU8()[2] ?? new Uint8Array();
      const hash = block.getHeader()?.serializeBinary() ?? new Uint8Array();
      found.push(Buffer.concat([hash, codes]).toString('base64'));
    }
    return found;
  }

  async #memory(): Promise<number> {
    const file = `/proc/${String(this.#network.child.pid)}/status`;
    const text = await readFile(file, 'utf8').catch(() => '');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
  }
}

/** What the asset contract does in these cases: writes, reads, ranges, key policies, events. */
const invocations: readonly (readonly string[])[] = [
  ['put', 'fuzz', '1'],
  ['readPut', 'fuzz', 'fuzz-2', '1'],
  ['putThenRange', 'fuzz-3', '1', '', ''],
  ['rangePut', 'fuzz', 'fuzz-9', 'fuzz-4'],
  ['putSetPolicy', 'fuzz-5', '1', ''],
  ['twoEvents', 'a', 'b'],
  ['del', 'fuzz'],
];

async function responsePayloads(
  { clients }: FuzzNetwork,
  creator: SigningIdentity,
): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const args of invocations) {
    const [response] = await clients.responses(newAssetProposal({ creator, args }), [
      'MinistryMSP',
    ]);
    if (response) found.push(response.getPayload_asU8());
  }
  return found;
}

/** Ids of transactions that are on the ledger. */
async function orderedIds({ good }: FuzzNetwork): Promise<string[]> {
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const submitted = await good.contract.submitAsync('put', { arguments: ['known', '1'] });
    await submitted.getStatus();
    ids.push(submitted.getTransactionId());
  }
  return ids;
}

/** What a case ends with, or that it does not. */
async function withinTime(running: Promise<string | undefined>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`no end after ${String(caseLimitMs)} ms`);
    }, caseLimitMs);
  });
  try {
    return await Promise.race([running, late]);
  } catch (error) {
    return `the case itself fails: ${String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

/** The name of a member over a key of nobody's. */
function strangerLike(member: SigningIdentity): SigningIdentity {
  const { privateKey } = generateKey();
  return createSigningIdentity({
    ...{ mspId: member.mspId, certificatePem: member.certificatePem },
    privateKey,
  });
}
