import { createRequire } from 'node:module';

/**
 * The part of fabric-network 2.2 and fabric-common 2.2 that the adapter uses, written down here
 * because both packages are optional: neither they nor their types need to be installed unless
 * the adapter is configured.
 */

/** Counterpart of fabric-common's `IdentityContext`: who builds a request. */
export interface IdentityContext {
  readonly transactionId: string;
  calculateTransactionId(): IdentityContext;
}

/** A request in the three steps of fabric-common's `ServiceAction`: build, sign, send. */
export interface Action {
  sign(signature: Buffer): unknown;
  getSignedEnvelope(): { readonly signature: Buffer; readonly payload: Buffer };
}

/** What one peer answered. */
export interface PeerResponse {
  readonly connection?: { readonly name: string; readonly url: string };
  readonly response: {
    readonly status: number;
    readonly message: string;
    readonly payload: Buffer;
  };
  readonly payload: Buffer;
  readonly endorsement?: { readonly endorser: Buffer; readonly signature: Buffer } | null;
}

/** A peer that could not answer, or a layout of the endorsement plan that failed. */
export interface PeerError extends Error {
  readonly code?: number;
  readonly details?: string;
  readonly connection?: { readonly name: string; readonly url: string };
  readonly endorsements?: readonly (PeerError | PeerResponse)[];
}

/** Answers of all peers asked. */
export interface PeerAnswers {
  readonly errors: readonly PeerError[];
  readonly responses: readonly PeerResponse[];
}

/** fabric-common's `Proposal`, `Endorsement` and `Query`. */
export interface ProposalAction extends Action {
  build(context: IdentityContext, request: { fcn: string; args: readonly string[] }): Buffer;
  getTransactionId(): string;
  send(request: {
    handler?: unknown;
    targets?: readonly Remote[];
    requestTimeout: number;
  }): Promise<PeerAnswers>;
  newCommit(): CommitAction;
}

/** fabric-common's `Commit`. */
export interface CommitAction extends Action {
  build(context: IdentityContext): Buffer;
  send(request: {
    targets: readonly Remote[];
    requestTimeout: number;
  }): Promise<{ readonly status: string; readonly info?: string }>;
}

/** fabric-common's `DiscoveryService`. */
export interface Discovery extends Action {
  build(context: IdentityContext, request: { endorsement: ProposalAction }): Buffer;
  send(request: {
    asLocalhost: boolean;
    requestTimeout: number;
    refreshAge: number;
    targets: readonly Remote[];
  }): Promise<unknown>;
  newHandler(): unknown;
  close(): void;
}

/** fabric-common's `EventService`; only its signed seek request is used. */
export interface EventRequest extends Action {
  build(context: IdentityContext, request: { startBlock: string; blockType: BlockType }): Buffer;
}

/** Whole blocks, or transaction ids and codes alone. */
export type BlockType = 'full' | 'filtered';

/** A peer or orderer that the SDK holds a connection to. */
export interface Remote {
  readonly name: string;
  readonly mspid: string;
  readonly endpoint: { readonly url: string };
  setEndpoint(endpoint: unknown): void;
  checkConnection(): Promise<boolean>;
  disconnect(): void;
}

/** The gRPC stream of one `Eventer`. */
export interface DeliverStream extends AsyncIterable<DeliverMessage> {
  write(message: unknown): void;
  cancel(): void;
}

/** One message of a Deliver stream, as the proto loader decodes it. */
export interface DeliverMessage {
  readonly Type: 'block' | 'filtered_block' | 'status';
  readonly status?: number | string;
  readonly block?: {
    readonly header: { number: LongLike; previous_hash: Buffer; data_hash: Buffer };
    readonly data: { readonly data: readonly Buffer[] };
    readonly metadata: { readonly metadata: readonly Buffer[] };
  };
  readonly filtered_block?: {
    readonly number: LongLike;
    readonly filtered_transactions: readonly {
      readonly txid: string;
      readonly tx_validation_code: number | string;
    }[];
  };
}

/** A 64-bit integer of the `long` package. */
export interface LongLike {
  toString(): string;
}

/** fabric-common's `Eventer`. */
export interface Eventer extends Remote {
  /** Opens the stream and answers the eventer itself. */
  setStreamByType(blockType: BlockType): { readonly stream: DeliverStream };
}

/** fabric-common's `Client`. */
export interface SdkClient {
  newIdentityContext(user: unknown): IdentityContext;
  getEndorsers(mspId?: string): Remote[];
  getCommitters(): Remote[];
  newDiscoverer(name: string, mspId: string): Remote;
  newEventer(name: string, mspId: string): Eventer;
}

/** fabric-common's `Channel`. */
export interface SdkChannel {
  readonly client: SdkClient;
  newEndorsement(chaincode: string): ProposalAction;
  newQuery(chaincode: string): ProposalAction;
  newCommit(chaincode: string): CommitAction;
  newDiscoveryService(name: string): Discovery;
  newEventService(name: string): EventRequest;
  getCommitters(): Remote[];
}

/** fabric-network's `Gateway`. */
export interface SdkGateway {
  connect(profile: unknown, options: unknown): Promise<void>;
  getNetwork(channel: string): Promise<{ getChannel(): SdkChannel }>;
  disconnect(): void;
}

/** The two packages. */
export interface Sdk {
  readonly Gateway: new () => SdkGateway;
  /** fabric-common's `Identity`: a certificate without a key. */
  readonly Identity: new (
    certificate: string,
    publicKey: undefined,
    mspId: string,
  ) => { serialize(): Buffer };
}

/** The optional packages of the adapter are not installed. */
export class SdkMissing extends Error {
  override readonly name = 'SdkMissing';
}

const requireHere = createRequire(__filename);

/**
 * Loads the SDK, which takes about a second and a hundred packages: only when it is configured.
 * @param load answers a package by its name
 * @throws SdkMissing naming what to install
 */
export function loadSdk(load: (name: string) => unknown = requireHere): Sdk {
  // The SDK logs failed endorsements, with what the chaincode said, to the console by itself.
  process.env['HFC_LOGGING'] ??= '{}';
  try {
    const { Gateway } = load('fabric-network') as Pick<Sdk, 'Gateway'>;
    const { Identity } = load('fabric-common') as Pick<Sdk, 'Identity'>;
    return { Gateway, Identity };
  } catch (cause) {
    throw new SdkMissing(
      'The ledger adapter fabric-network needs its optional packages: ' +
        'install fabric-network@2.2.20 and fabric-common@2.2.20, ' +
        'or set PROCUREMENT_LEDGER_ADAPTER=fabric-gateway',
      { cause },
    );
  }
}
