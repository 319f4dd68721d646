import type { ChaincodePackage } from '../../../../lifecycle/chaincode-package';
import { applicationPolicyOf, collectionPackage } from '../../../../lifecycle/definition';
import type { ChaincodeDefinition } from '../../../../topology';
import type { ChaincodeDefinition as CommittedDefinition } from '../../commit/definitions';
import { ChaincodeDefinitionError, deployLocally } from './deployments';
import type { DeploymentPlaces } from './deployments';

/** A chaincode of a topology on one channel, and what its organizations run. */
export interface TopologyChaincode {
  readonly channel: string;
  readonly definition: ChaincodeDefinition;
  /** What the ledger has. */
  readonly committed: CommittedDefinition | undefined;
  /** By MSP id. */
  readonly packages: ReadonlyMap<string, ChaincodePackage>;
  /** Whether every organization's peer runs its package for what the ledger has. */
  readonly isRunning: boolean;
}

/**
 * Brings a chaincode of the topology onto the ledger where it is not there yet, and installs and
 * approves other packages, such as for another port. A definition that was upgraded while the
 * network ran stays.
 * @throws ChaincodeDefinitionError when the definition is another at the same sequence, or the
 *   sequence is not the next
 */
export async function deployTopologyChaincode(
  { channel, definition, committed, packages, isRunning }: TopologyChaincode,
  places: DeploymentPlaces,
): Promise<void> {
  const { sequence } = definition;
  if (committed && sequence < committed.sequence) return;
  checkSequence(definition, committed);
  // Nothing is asked then: a peer whose ledger was lost has no approvals to tell about any more.
  if (isRunning && committed?.sequence === sequence) return;
  // A new ledger starts with sequence 1, as on any network, whatever the topology came to since.
  const first = committed ? sequence : 1;
  for (let at = first; at <= sequence; at += 1) {
    await deployLocally({ channel, definition, sequence: at, packages }, places);
  }
}

function checkSequence(
  wanted: ChaincodeDefinition,
  committed: CommittedDefinition | undefined,
): void {
  if (!committed || wanted.sequence === committed.sequence + 1) return;
  const next = String(committed.sequence + 1);
  if (wanted.sequence !== committed.sequence) {
    throw new ChaincodeDefinitionError(
      `chaincode ${wanted.name} has sequence ${String(committed.sequence)} on the ledger, so the ` +
        `topology may say ${next} to change it, not ${String(wanted.sequence)}`,
    );
  }
  if (isSame(wanted, committed)) return;
  throw new ChaincodeDefinitionError(
    `chaincode ${wanted.name} has another version, policy or collections on the ledger than in ` +
      `the topology; give the topology the sequence ${next} to change it`,
  );
}

function isSame(wanted: ChaincodeDefinition, committed: CommittedDefinition): boolean {
  const policy = applicationPolicyOf(wanted.endorsementPolicy).serializeBinary();
  const collections = collectionPackage(wanted.collections ?? []).serializeBinary();
  return (
    committed.version === wanted.version &&
    committed.initRequired === (wanted.initRequired ?? false) &&
    Buffer.compare(policy, committed.policyBytes) === 0 &&
    Buffer.compare(collections, committed.collections.serializeBinary()) === 0
  );
}
