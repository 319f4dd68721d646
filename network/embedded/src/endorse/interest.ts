import { common, peer } from '@hyperledger/fabric-protos';
import { compareKeys } from '../state/key-order';
import { LIFECYCLE } from '../state/lifecycle-keys';
import type { SimulationResults } from '../state/simulator';

/** What one chaincode's state asks of the endorsers. */
interface Requirements {
  /** Policies of single keys, public and private. */
  readonly keyPolicies: Uint8Array[];
  /** Whether keys without a policy of their own are written, by collection; '' is public. */
  readonly collections: Map<string, boolean>;
}

/** Source: core/endorser/endorser.go:parseWritesetMetadata. */
function requirementsOf(results: SimulationResults): Map<string, Requirements> {
  const found = new Map<string, Requirements>();
  for (const { namespace, collection, keyPolicy } of results.written) {
    const known = found.get(namespace) ?? { keyPolicies: [], collections: new Map([['', false]]) };
    found.set(namespace, known);
    if (keyPolicy) known.keyPolicies.push(keyPolicy);
    else known.collections.set(collection, true);
  }
  for (const namespace of results.namespaces) {
    if (!found.has(namespace)) {
      found.set(namespace, { keyPolicies: [], collections: new Map([['', true]]) });
    }
  }
  for (const { namespace, collection } of results.privateReads) {
    found.get(namespace)?.collections.set(collection, true);
  }
  return found;
}

function callOf(name: string): peer.ChaincodeCall {
  const call = new peer.ChaincodeCall();
  call.setName(name);
  return call;
}

/** The call for the public state, absent when only collections without key policies were used. */
function publicCall(
  name: string,
  { keyPolicies, collections }: Requirements,
): peer.ChaincodeCall[] {
  const needsOwnPolicy = collections.get('') === true;
  if (keyPolicies.length === 0 && !needsOwnPolicy) return [];
  const call = callOf(name);
  call.setKeyPoliciesList(
    keyPolicies.map((policy) => common.SignaturePolicyEnvelope.deserializeBinary(policy)),
  );
  call.setDisregardNamespacePolicy(!needsOwnPolicy);
  return [call];
}

function collectionCall(
  name: string,
  collection: string,
  { privateReads }: SimulationResults,
): peer.ChaincodeCall {
  const call = callOf(name);
  call.setCollectionNamesList([collection]);
  call.setNoPrivateReads(
    !privateReads.some((read) => read.namespace === name && read.collection === collection),
  );
  return call;
}

/**
 * Which policies the transaction will have to satisfy: those of the chaincodes whose state it read
 * or wrote, of collections, and of single keys. Each collection is a call of its own. The invoked
 * chaincode is left out when it only called others, although the committing peers ask for its
 * policy too; real peers plan such a transaction alike.
 * Source: core/endorser/endorser.go:buildChaincodeInterest
 */
export function interestOf(results: SimulationResults): peer.ChaincodeInterest {
  const interest = new peer.ChaincodeInterest();
  const found = requirementsOf(results);
  for (const name of [...found.keys()].sort(compareKeys)) {
    const requirements = found.get(name);
    if (name === LIFECYCLE || !requirements) continue;
    const collections = [...requirements.collections.keys()].filter((one) => one !== '');
    const calls = [
      ...publicCall(name, requirements),
      ...collections.sort(compareKeys).map((one) => collectionCall(name, one, results)),
    ];
    for (const call of calls) interest.addChaincodes(call);
  }
  return interest;
}
