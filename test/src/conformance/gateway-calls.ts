import { gateway } from '@hyperledger/fabric-protos';
import type { ProposalOptions } from '@hyperledger/fabric-gateway';
import type { GatewayUse } from './gateway-connections';
import { outcomeOf } from './outcomes';
import type { Outcome } from './outcomes';
import { endorsersOf } from './transaction-endorsements';
import type { World } from './world';

/** A transaction or query through the stock client library. */
export interface GatewayCall extends Partial<GatewayUse> {
  /** Organizations that are named as endorsers. */
  readonly endorsing?: readonly string[];
  readonly transient?: Readonly<Record<string, string | Uint8Array>>;
}

/** What became of a transaction of the client library. */
export interface Submitted {
  readonly code: number;
  readonly result: Uint8Array;
  /** MSP ids, in the order of the endorsements. */
  readonly endorsers: readonly string[];
  readonly txId: string;
  readonly block: number;
}

/** Evaluates a function and decodes the result. @throws GatewayError */
export async function evaluate(
  world: World,
  [name, ...args]: readonly [string, ...string[]],
  call: GatewayCall = {},
): Promise<string> {
  const contract = await world.contract(call);
  const result = await contract.evaluate(name, optionsOf(args, call));
  return Buffer.from(result).toString('utf8');
}

/** Endorses and submits, and waits until all peers have it. @throws the library's errors */
export async function submit(
  world: World,
  [name, ...args]: readonly [string, ...string[]],
  call: GatewayCall = {},
): Promise<Submitted> {
  const contract = await world.contract(call);
  const transaction = await contract.newProposal(name, optionsOf(args, call)).endorse();
  const { code, blockNumber } = await (await transaction.submit()).getStatus();
  await world.reached(Number(blockNumber));
  const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes());
  return {
    code,
    result: transaction.getResult(),
    endorsers: endorsersOf(prepared.getEnvelope()!),
    txId: transaction.getTransactionId(),
    block: Number(blockNumber),
  };
}

/** `{ ok, result: { code } }` or the error, as the recordings show it. */
export function submitOutcome(
  world: World,
  call: readonly [string, ...string[]],
  options: GatewayCall = {},
): Promise<Outcome> {
  return outcomeOf(submit(world, call, options), ({ code }) => ({ code }));
}

/** The result or the error, as the recordings show it. */
export function evaluateOutcome(
  world: World,
  call: readonly [string, ...string[]],
  options: GatewayCall = {},
): Promise<Outcome> {
  return outcomeOf(evaluate(world, call, options));
}

function optionsOf(args: string[], { endorsing, transient }: GatewayCall): ProposalOptions {
  return {
    arguments: args,
    ...(endorsing && { endorsingOrganizations: [...endorsing] }),
    ...(transient && { transientData: { ...transient } }),
  };
}
