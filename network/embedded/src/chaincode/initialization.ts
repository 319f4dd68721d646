import type { ChaincodeDefinition } from '../commit/definitions';
import type { TxSimulator } from '../state/simulator';

/** What is known of a chaincode that may have to be initialized. */
export type Initializable = Pick<ChaincodeDefinition, 'name' | 'version' | 'initRequired'>;

/** An execution of a chaincode in the wrong order; the text is Fabric's. */
export class InitializationError extends Error {
  override readonly name = 'InitializationError';
}

/** The key in the namespace of a chaincode whose value is the version that was initialized. */
export const initializedKey = '\u0000\u{10ffff}initialized';

/**
 * Lets a chaincode that must be initialized be so once for each version, before anything else.
 * What it reads and writes is part of the transaction, so that two initializations conflict.
 * Source: core/chaincode/chaincode_support.go:CheckInvocation
 * @param parts.isInit whether the client asks for the initialization
 * @throws InitializationError
 */
export function checkInitialization(parts: {
  readonly definition: Initializable;
  readonly isInit?: boolean;
  readonly simulator: TxSimulator;
}): void {
  const { definition, isInit = false, simulator } = parts;
  const { name, version, initRequired } = definition;
  const address = { namespace: name, key: initializedKey };
  const isReady =
    !initRequired ||
    Buffer.from(version).equals(simulator.get(address.namespace, address.key) ?? Buffer.of());
  if (!isInit) {
    if (isReady) return;
    throw refusal(name, 'has not been initialized for this version, must call as init first');
  }
  if (!initRequired) throw refusal(name, 'does not require initialization but called as init');
  if (isReady) throw refusal(name, 'is already initialized but called as init');
  simulator.put(address, Buffer.from(version));
}

function refusal(name: string, reason: string): InitializationError {
  return new InitializationError(`invalid invocation: chaincode '${name}' ${reason}`);
}
