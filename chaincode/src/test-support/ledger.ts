/**
 * The chaincode as a peer runs it: the shim's own stub and the framework's own dispatch around our
 * contracts, with world state, clock and callers in the hands of the test.
 */
import './quiet';
import { createHash } from 'node:crypto';
import { ChaincodeStub } from 'fabric-shim';
import ChaincodeFromContract from 'fabric-shim/lib/contract-spi/chaincodefromcontract';
import {
  encodeCanonical,
  instantFromMs,
  parseReject,
  type Reject,
  toBase64url,
} from '@procurement/protocol';
import { contracts } from '../index';
import type { ProcurementContract } from '../contracts/procurement-contract';
import type { Environment } from '../ledger/procurement-context';
import { issueCertificate, type TestCertificate } from './certificate';
import { signedProposal } from './proposal';
import { Simulation, type ValidationCode, WorldState } from './world-state';

/** The channel of the tests. */
export const CHANNEL = 'procurement';
/** The chaincode's name in the tests. */
export const CHAINCODE = 'procurement';

/** Someone who signs. */
export interface Person {
  readonly mspId: string;
  readonly spki: string;
  readonly certificatePem: string;
}

/** Someone of an organisation whose certificate has these attributes. */
export function personOf(mspId: string, attributes: Readonly<Record<string, string>> = {}): Person {
  return holderOf(mspId, issueCertificate(attributes['role'] ?? 'nobody', attributes));
}

/** Whoever holds a certificate. */
export function holderOf(mspId: string, { pem, spkiDer }: TestCertificate): Person {
  const spki = toBase64url(createHash('sha256').update(spkiDer).digest());
  return { mspId, spki, certificatePem: pem };
}

/** What an endorsement gave. */
export interface Endorsement {
  readonly transactionId: string;
  readonly status: number;
  readonly message: string;
  /** The answer, decoded; undefined where there is none. */
  readonly answer: unknown;
  readonly event: { readonly name: string; readonly payload: unknown } | undefined;
  readonly simulation: Simulation;
}

/** Ways in which a call may differ from an honest client's. */
export interface CallOptions {
  /** The transaction's own time; the clock's where it is left out. */
  readonly atMs?: number;
  readonly chaincode?: string;
  /** The transaction's id; one that is drawn where it is left out. */
  readonly transactionId?: string;
  /** Arguments after the name, instead of the input. */
  readonly rawArguments?: readonly Uint8Array[];
}

interface EventMessage {
  getEventName(): string;
  getPayload_asU8(): Uint8Array;
}

const SERIALIZERS = {
  transaction: 'jsonSerializer',
  serializers: { jsonSerializer: 'fabric-contract-api/lib/jsontransactionserializer' },
};

/** One peer with its chaincode. */
export class TestLedger {
  state: WorldState;
  nowMs: number;
  readonly #chaincode: ChaincodeFromContract;
  #transactions = 0;

  constructor(options: { readonly nowMs: number; readonly state?: WorldState }) {
    this.nowMs = options.nowMs;
    this.state = options.state ?? new WorldState();
    this.#chaincode = newChaincode({
      settings: { chaincode: CHAINCODE, minBiddingMs: 1000, minGraceMs: 500 },
      clock: () => this.nowMs,
    });
  }

  /** The instant that the clock shows. */
  get now(): string {
    return instantFromMs(this.nowMs);
  }

  /** A ledger that goes its own way from here, at the same time of day. */
  fork(): TestLedger {
    return new TestLedger({ nowMs: this.nowMs, state: this.state.fork() });
  }

  /** Simulates a transaction and commits nothing. */
  async endorse(
    person: Person,
    name: string,
    input: object | string,
    options: CallOptions = {},
  ): Promise<Endorsement> {
    const transactionId = options.transactionId ?? this.#drawId(person);
    const simulation = new Simulation();
    const stub = this.#stubFor({ person, name, input, options, transactionId, simulation });
    const response = await this.#chaincode.Invoke(stub);
    const payload = Buffer.from(response.payload ?? []).toString();
    return {
      ...{ transactionId, status: response.status, message: response.message ?? '', simulation },
      answer: response.status === 200 && payload !== '' ? JSON.parse(payload) : undefined,
      event: eventOf(stub),
    };
  }

  /** Orders and validates what was endorsed. */
  commit(endorsement: Endorsement): ValidationCode {
    return this.state.commit(endorsement.simulation);
  }

  /**
   * Carries a command through and gives its result.
   * @throws {Error} where it is refused
   */
  async submit(
    person: Person,
    name: string,
    input: object,
    options: CallOptions = {},
  ): Promise<Record<string, unknown>> {
    const endorsement = await this.endorse(person, name, input, options);
    if (endorsement.status !== 200) throw new Error(`${name}: ${endorsement.message}`);
    if (this.commit(endorsement) !== 'VALID') throw new Error(`${name} is not valid`);
    return (endorsement.answer as { result: Record<string, unknown> }).result;
  }

  /**
   * Asks a query and gives its result.
   * @throws {Error} where it is refused
   */
  async query(person: Person, name: string, input: object): Promise<Record<string, unknown>> {
    const { status, message, answer } = await this.endorse(person, name, input);
    if (status !== 200) throw new Error(`${name}: ${message}`);
    return answer as Record<string, unknown>;
  }

  /** The refusal that a call meets, or undefined where it meets none. */
  async refusal(
    person: Person,
    name: string,
    input: object | string,
    options: CallOptions = {},
  ): Promise<Reject | undefined> {
    const { status, message } = await this.endorse(person, name, input, options);
    if (status === 200) return undefined;
    const reject = parseReject(message);
    if (reject === undefined) throw new Error(`${name} failed without a refusal: ${message}`);
    return reject;
  }

  #drawId({ spki }: Person): string {
    this.#transactions += 1;
    const text = `${spki} ${this.#transactions} ${this.nowMs}`;
    return createHash('sha256').update(text).digest('hex');
  }

  #stubFor(call: {
    readonly person: Person;
    readonly name: string;
    readonly input: object | string;
    readonly options: CallOptions;
    readonly transactionId: string;
    readonly simulation: Simulation;
  }): ChaincodeStub & { getBufferArgs(): Uint8Array[] } {
    const { person, name, input, options, transactionId } = call;
    const text = typeof input === 'string' ? input : encodeCanonical(input);
    const args = [Buffer.from(name), ...(options.rawArguments ?? [Buffer.from(text)])];
    const proposal = signedProposal({
      ...{ channel: CHANNEL, chaincode: options.chaincode ?? CHAINCODE, transactionId },
      ...{ mspId: person.mspId, certificatePem: person.certificatePem },
      atMs: options.atMs ?? this.nowMs,
    });
    const Stub = ChaincodeStub as unknown as new (
      ...parameters: readonly unknown[]
    ) => ChaincodeStub & { getBufferArgs(): Uint8Array[] };
    const handler = this.state.handlerFor(call.simulation);
    // A call without arguments has not even a name.
    const sent = name === '' ? [] : args;
    const chaincodeInput = { getArgsList_asU8: () => sent };
    return new Stub(handler, CHANNEL, transactionId, chaincodeInput, proposal);
  }
}

function newChaincode(environment: Environment): ChaincodeFromContract {
  const made: readonly (new (environment: Environment) => ProcurementContract)[] = contracts;
  const classes = made.map(
    (Made) =>
      class extends Made {
        constructor() {
          super(environment);
        }
      },
  );
  return new ChaincodeFromContract(classes, SERIALIZERS);
}

function eventOf(stub: object): Endorsement['event'] {
  const { chaincodeEvent } = stub as { chaincodeEvent?: EventMessage };
  if (chaincodeEvent === undefined) return undefined;
  const payload: unknown = JSON.parse(Buffer.from(chaincodeEvent.getPayload_asU8()).toString());
  return { name: chaincodeEvent.getEventName(), payload };
}
