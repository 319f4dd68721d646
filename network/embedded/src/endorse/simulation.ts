import type { JoinedChannel } from '../channel';
import type { LocalChaincodes } from '../local-chaincodes';
import type { Distributor } from '../private/distribution';
import type { CollectionDirectory } from '../state/collections';
import { TxSimulator, type SimulationResults } from '../state/simulator';
import type { SystemChaincode } from '../system/system-chaincode';
import type { ChaincodeRunner, Simulated } from './endorser';
import { interestOf } from './interest';
import type { UnpackedProposal } from './proposal';

/** What simulations run on. */
export interface SimulationParts {
  readonly channel: JoinedChannel;
  /** The chaincodes that the peer can run. */
  readonly chaincodes: LocalChaincodes;
  readonly collections: CollectionDirectory;
  readonly distributor: Distributor;
}

/** Runs chaincodes on snapshots of one channel's ledger. */
export class Simulations implements ChaincodeRunner {
  readonly #parts: SimulationParts;

  constructor(parts: SimulationParts) {
    this.#parts = parts;
  }

  versionOf(chaincodeName: string): string {
    const { channel, chaincodes } = this.#parts;
    return chaincodes.find(channel, chaincodeName).definition.version;
  }

  async run(proposal: UnpackedProposal): Promise<Simulated> {
    const { channelId, txId, chaincodeName } = proposal;
    const { channel, chaincodes } = this.#parts;
    const { definition, host } = chaincodes.runner(channel, chaincodeName);
    return this.#withSimulator(proposal, async (simulator) => {
      simulator.readSequence(chaincodeName);
      const { response, event } = await host.invoke({
        channelId,
        txId,
        input: proposal.input.serializeBinary(),
        isInit: proposal.input.getIsInit(),
        signedProposal: proposal.signed,
        definition,
        simulator,
      });
      const results = await this.#finish(simulator);
      return {
        response,
        // The event of a failed run is dropped (core/endorser/endorser.go:callChaincode).
        ...(event && response.getStatus() < 400 && { event }),
        results: results.rwset,
        interest: interestOf(results),
      };
    });
  }

  async runSystem(proposal: UnpackedProposal, chaincode: SystemChaincode): Promise<Simulated> {
    return this.#withSimulator(proposal, async (simulator) => {
      const args = proposal.input.getArgsList_asU8();
      const response = await chaincode.invoke({ args, proposal, simulator });
      const { rwset } = await this.#finish(simulator);
      return { response, results: rwset };
    });
  }

  /** Other members have the private writes before anybody sees the endorsement. */
  async #finish(simulator: TxSimulator): Promise<SimulationResults> {
    const results = simulator.results();
    const { channelId, txId, snapshot } = simulator;
    await this.#parts.distributor.distribute({
      channelId,
      txId,
      state: snapshot,
      height: this.#parts.channel.ledger.height,
      sets: results.privateWrites,
    });
    return results;
  }

  /** A simulation on the ledger as it is now; whoever asks for it ends it. */
  simulator(txId: string): TxSimulator {
    const { collections } = this.#parts;
    const { channelId, ledger } = this.#parts.channel;
    return new TxSimulator({ snapshot: ledger.snapshot(), channelId, txId, collections });
  }

  async #withSimulator<T>(
    { txId }: UnpackedProposal,
    action: (simulator: TxSimulator) => Promise<T>,
  ): Promise<T> {
    const simulator = this.simulator(txId);
    try {
      return await action(simulator);
    } finally {
      await simulator.done();
    }
  }
}
