import { common, peer } from '@hyperledger/fabric-protos';
import type { ChaincodeHost } from '../chaincode/chaincode-host';
import type { ChaincodeDefinitions } from '../commit/definitions';
import type { ChannelConfig } from '../config/channel-config';
import type { Ledger } from '../state/ledger';
import { LIFECYCLE } from '../state/lifecycle-keys';
import { TxSimulator } from '../state/simulator';
import type { SimulationResults } from '../state/simulator';
import type { SystemChaincode } from '../system/system-chaincode';
import type { ChaincodeRunner, Simulated } from './endorser';
import type { UnpackedProposal } from './proposal';

/** Longest run of a chaincode (core.yaml: chaincode.executetimeout). */
export const executeTimeoutMs = 30_000;

/** What simulations run on. */
export interface SimulationParts {
  readonly config: ChannelConfig;
  readonly ledger: Ledger;
  readonly definitions: ChaincodeDefinitions;
  /** The chaincode processes of this peer's organization, by chaincode name. */
  readonly hosts: ReadonlyMap<string, ChaincodeHost>;
}

/** Runs chaincodes on snapshots of one peer's ledger. */
export class Simulations implements ChaincodeRunner {
  readonly #parts: SimulationParts;

  constructor(parts: SimulationParts) {
    this.#parts = parts;
  }

  versionOf(chaincodeName: string): string | undefined {
    const { definitions, ledger } = this.#parts;
    return definitions.find(ledger.state, chaincodeName)?.version;
  }

  async run(proposal: UnpackedProposal): Promise<Simulated> {
    const { channelId, txId, chaincodeName } = proposal;
    const host = this.#parts.hosts.get(chaincodeName);
    if (!host) {
      throw new Error(
        `failed to execute transaction ${txId}: could not launch chaincode ${chaincodeName}: ` +
          `no process of this organization runs it`,
      );
    }
    return this.#withSimulator(proposal, async (simulator) => {
      simulator.readSequence(chaincodeName);
      const { response, event } = await host.invoke({
        channelId,
        txId,
        input: proposal.input.serializeBinary(),
        signedProposal: proposal.signed,
        chaincode: chaincodeName,
        simulator,
        timeoutMs: executeTimeoutMs,
      });
      const results = simulator.results();
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
      return { response, results: simulator.results().rwset };
    });
  }

  async #withSimulator<T>(
    { channelId, txId }: UnpackedProposal,
    action: (simulator: TxSimulator) => Promise<T>,
  ): Promise<T> {
    const snapshot = this.#parts.ledger.snapshot();
    const simulator = new TxSimulator({ snapshot, channelId, txId });
    try {
      return await action(simulator);
    } finally {
      await simulator.done();
    }
  }
}

/**
 * Which policies the transaction will have to satisfy: those of the chaincodes whose state it read
 * or wrote, and those of single keys. The invoked chaincode is left out when it only called others,
 * although the committing peers ask for its policy too; real peers plan such a transaction alike.
 * Source: core/endorser/endorser.go:buildChaincodeInterest
 */
function interestOf(results: SimulationResults): peer.ChaincodeInterest {
  const names = results.namespaces.filter((name) => name !== LIFECYCLE);
  const interest = new peer.ChaincodeInterest();
  for (const name of names) {
    const call = new peer.ChaincodeCall();
    call.setName(name);
    const policies = results.keyPolicies.filter(({ namespace }) => namespace === name);
    call.setKeyPoliciesList(
      policies.map(({ policy }) => common.SignaturePolicyEnvelope.deserializeBinary(policy)),
    );
    const needsOwnPolicy =
      policies.length === 0 || results.namespacesUnderChaincodePolicy.includes(name);
    call.setDisregardNamespacePolicy(!needsOwnPolicy);
    interest.addChaincodes(call);
  }
  return interest;
}
