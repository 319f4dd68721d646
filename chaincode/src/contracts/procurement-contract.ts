/** What all contracts share: authority before, refusals around, the event after. */
import { Contract } from 'fabric-contract-api';
import { encodeCanonical, isTransactionName, Reject, utf8 } from '@procurement/protocol';
import { ready } from '@procurement/sealed';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { proposedChaincode } from '../ledger/proposal';
import { refusalOf } from './refusal';

/** Base of all contracts. A contract's name is part of every signed proposal, so it is explicit. */
export abstract class ProcurementContract extends Contract {
  readonly #environment: Environment;

  constructor(name: string, environment: Environment) {
    super(name);
    this.#environment = environment;
  }

  /** Called on the prototype too, when decorators look for the context's type: no state here. */
  override createContext(): ProcurementContext {
    return new ProcurementContext();
  }

  /** @throws {Reject} UNKNOWN_TRANSACTION, FOREIGN_CALL, ROLE or KEY */
  override async beforeTransaction(context: ProcurementContext): Promise<void> {
    // The WebAssembly behind the group arithmetic loads once; later calls resolve at once.
    await ready();
    const transaction = this.#nameOf(context);
    if (!isTransactionName(transaction)) throw new Reject('UNKNOWN_TRANSACTION', { transaction });
    const chaincode = proposedChaincode(context.stub);
    if (chaincode !== this.#environment.settings.chaincode) {
      throw new Reject('FOREIGN_CALL', { chaincode });
    }
    context.begin(transaction, this.#environment);
    await context.requireKey();
  }

  /** @throws {Reject} for every refusal, whose message is the wire text */
  override aroundTransaction(
    context: ProcurementContext,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- Fabric's
    method: Function,
    parameters: unknown,
  ): Promise<void> {
    return super.aroundTransaction(context, method, parameters).catch((error: unknown) => {
      throw refusalOf(error);
    });
  }

  /** Sets the one event that a transaction may have. */
  override async afterTransaction(context: ProcurementContext): Promise<void> {
    const { event } = context;
    if (event !== undefined) {
      context.stub.setEvent(event.name, utf8(encodeCanonical(event.payload)));
    }
    await Promise.resolve();
  }

  /**
   * The framework's own version writes the arguments into the log.
   * @throws {Reject} UNKNOWN_TRANSACTION
   */
  override unknownTransaction(context: ProcurementContext): Promise<void> {
    return Promise.reject(
      new Reject('UNKNOWN_TRANSACTION', { transaction: this.#nameOf(context) }),
    );
  }

  #nameOf(context: ProcurementContext): string {
    const [method = ''] = context.stub.getFunctionAndParameters().fcn.split(':').slice(-1);
    return `${this.getName()}:${method}`;
  }
}
