/**
 * The door in front of all contracts. The framework answers a call without arguments with success,
 * before any contract is asked, and reads bytes that are not UTF-8 as U+FFFD (fabric-shim
 * `chaincodefromcontract.js`, `jsontransactionserializer.js`); it also offers its metadata to
 * everyone. So every call is looked at before the framework sees it.
 */
import ChaincodeFromContract from 'fabric-shim/lib/contract-spi/chaincodefromcontract';
import { EncodingError, fromUtf8, isTransactionName, Reject } from '@procurement/protocol';

const ARGUMENTS = 2;
const ERROR_STATUS = 500;
/** As much of an unknown name as a refusal repeats. */
const NAME_LENGTH_MAX = 100;

/**
 * Why a call may not pass; undefined where it may.
 * @param args the transaction's name and its argument, as the peer sent them
 */
export function refusalAtDoor(args: readonly Uint8Array[]): Reject | undefined {
  try {
    const [transaction = '', ...rest] = args.map(fromUtf8);
    if (args.length > 0 && !isTransactionName(transaction)) {
      const name = transaction.slice(0, NAME_LENGTH_MAX).toWellFormed();
      return new Reject('UNKNOWN_TRANSACTION', { transaction: name });
    }
    if (rest.length + 1 === ARGUMENTS) return undefined;
    return new Reject('CALL', { problem: `${args.length} arguments` });
  } catch (error) {
    if (error instanceof EncodingError) return new Reject('CALL', { problem: 'not UTF-8' });
    throw error;
  }
}

/** Puts the door in front of the framework, for every chaincode of this process. */
export function installDoor(): void {
  const framework = ChaincodeFromContract.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const enter = framework.invokeFunctionality;
  framework.invokeFunctionality = async function (stub) {
    const refusal = refusalAtDoor(stub.getBufferArgs());
    if (refusal !== undefined) return { status: ERROR_STATUS, message: refusal.message };
    return enter.call(this, stub);
  };
}
