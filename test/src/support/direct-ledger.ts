/** A second way to a running system's ledger, past its gateway, as its people and gateways. */
import { join } from 'node:path';
import { common } from '@hyperledger/fabric-protos';
import {
  FabricGatewayLedger,
  type CommitStatus,
  type Endorsement,
  type Identity,
  type Invocation,
  readProfiles,
  readWallet,
} from '@procurement/gateway';
import { PEOPLE } from '@procurement/tools/demonstration/cast';
import { settlePeople, signerOf } from '@procurement/tools/demonstration/key-folders';
import { encodeCanonical, type CommandInput, type CommandName } from '@procurement/protocol';
import { UNUSED_GATEWAY } from './service-accounts';

const channel = 'procurement';
const timeoutMs = 30_000;
const reader = 'auditor';

/** A command of somebody in the wallet. */
export interface DirectCommand<Name extends CommandName> {
  /** Name of a person, or of an identity in the wallet. */
  readonly person: string;
  readonly name: Name;
  readonly input: CommandInput<Name>;
}

/** Who signs, and how. */
type Signing = Pick<Identity, 'mspId' | 'certificate' | 'sign'>;

/** A call of a chaincode; the product's where none is named. */
export type DirectCall = Omit<Invocation, 'creator'>;

/** The ledger without a gateway in between. Close it. */
export class DirectLedger {
  readonly #ledger: FabricGatewayLedger;
  readonly #people: ReadonlyMap<string, Signing>;

  private constructor(ledger: FabricGatewayLedger, people: ReadonlyMap<string, Signing>) {
    this.#ledger = ledger;
    this.#people = people;
  }

  /** @param folder of the running system */
  static async connect(folder: string): Promise<DirectLedger> {
    const network = join(folder, 'network');
    const ledger = new FabricGatewayLedger({
      profiles: await readProfiles(join(network, 'profiles')),
      ...{ channel, chaincode: 'procurement' },
      ...{ endorseTimeoutMs: timeoutMs, commitTimeoutMs: timeoutMs },
    });
    const people = new Map<string, Signing>();
    for (const identity of await readWallet(join(network, 'wallet'))) {
      people.set(identity.name, identity);
    }
    await settlePeople({ dataFolder: folder, networkFolder: network, baseUrl: UNUSED_GATEWAY });
    for (const { name } of PEOPLE) people.set(name, await signerOf(folder, name));
    return new DirectLedger(ledger, people);
  }

  /** Number of blocks. While it stays the same, nothing at all was written. */
  async height(): Promise<bigint> {
    const creator = this.#person(reader);
    const call = { creator, chaincode: 'qscc', transaction: 'GetChainInfo', args: [channel] };
    const bytes = await this.#ledger.evaluate(await this.#ledger.propose(call), creator.sign);
    return BigInt(common.BlockchainInfo.deserializeBinary(bytes).getHeight());
  }

  /**
   * Blocks as the peer of a person's organisation has them.
   * @param from number of the first one
   */
  async blocks(person: string, from: bigint): Promise<common.Block[]> {
    const creator = this.#person(person);
    const blocks: common.Block[] = [];
    for (let number = from, height = await this.height(); number < height; number += 1n) {
      const args = [channel, number.toString()];
      const call = { creator, chaincode: 'qscc', transaction: 'GetBlockByNumber', args };
      const bytes = await this.#ledger.evaluate(await this.#ledger.propose(call), creator.sign);
      blocks.push(common.Block.deserializeBinary(bytes));
    }
    return blocks;
  }

  /** Waits until the peers of these people's organisations have a block. */
  async reached(people: readonly string[], from: bigint): Promise<void> {
    await Promise.all(
      people.map(async (person) => {
        const creator = this.#person(person);
        const followed = new AbortController();
        const request = { creator, from, signal: followed.signal };
        for await (const block of this.#ledger.blocks(request, creator.sign)) {
          if (block.number >= from) followed.abort();
        }
      }),
    );
  }

  /** Has a command endorsed, and keeps it back. */
  async endorse<Name extends CommandName>(command: DirectCommand<Name>): Promise<Endorsement> {
    const args = [encodeCanonical(command.input)];
    return this.propose(command.person, { transaction: command.name, args });
  }

  /** Has any call of any chaincode endorsed, and keeps it back. */
  async propose(person: string, call: DirectCall): Promise<Endorsement> {
    const creator = this.#person(person);
    return this.#ledger.endorse(await this.#ledger.propose({ creator, ...call }), creator.sign);
  }

  /** The answer of a chaincode at the peer of somebody's organisation; nothing is ordered. */
  async ask(person: string, call: DirectCall): Promise<string> {
    const creator = this.#person(person);
    const proposal = await this.#ledger.propose({ creator, ...call });
    return Buffer.from(await this.#ledger.evaluate(proposal, creator.sign)).toString();
  }

  /** Has an endorsed command ordered, and says what became of it, valid or not. */
  async commit(person: string, endorsement: Endorsement): Promise<CommitStatus> {
    const { sign } = this.#person(person);
    return this.#ledger.status(await this.#ledger.submit(endorsement, sign), sign);
  }

  async close(): Promise<void> {
    await this.#ledger.close();
  }

  #person(name: string): Signing {
    const identity = this.#people.get(name);
    if (identity === undefined) throw new RangeError(`the wallet has no ${name}`);
    return identity;
  }
}
