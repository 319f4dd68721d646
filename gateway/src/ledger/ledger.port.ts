/**
 * The ledger as the gateway sees it: five steps and nothing about keys, sockets or SDKs.
 *
 * Every step takes and returns plain values (ids and bytes), so a step may run in another process,
 * or days later, from a stored row. Signing is a function handed in. It receives exactly the bytes
 * that Fabric wants signed, which the value of the step before already shows: `proposal.bytes`
 * for {@link LedgerPort.endorse} and {@link LedgerPort.evaluate}, `endorsement.payload` for
 * {@link LedgerPort.submit}. A signature made elsewhere is handed in as a function that answers it.
 */

/**
 * Signs a message with the key of one certificate.
 * @param message the bytes themselves, not their digest
 * @returns ECDSA P-256 over SHA-256, DER, with the low one of the two possible `s` values, since
 *   Fabric refuses the high one (bccsp/sw/ecdsa.go:verifyECDSA)
 */
export type Sign = (message: Uint8Array) => Promise<Uint8Array>;

/** Who signs: the public half of an identity, as it stands in every transaction. */
export interface Creator {
  readonly mspId: string;
  /** X.509 certificate, PEM. */
  readonly certificate: string;
}

/** What is asked of the chaincode. */
export interface Invocation {
  readonly creator: Creator;
  /** `contract:function`, or a bare function name where the chaincode has one contract. */
  readonly transaction: string;
  readonly args: readonly string[];
  /** Chaincode to call; the one of the settings where it is left out. */
  readonly chaincode?: string;
}

/** A proposal that is built and not yet signed. */
export interface Proposal {
  readonly transactionId: string;
  readonly creator: Creator;
  /** Serialised `protos.Proposal`: the bytes to sign. */
  readonly bytes: Uint8Array;
}

/** A transaction that enough peers have endorsed and whose creator has not yet signed it. */
export interface Endorsement {
  readonly transactionId: string;
  readonly creator: Creator;
  /** Serialised `common.Payload`: the bytes to sign. */
  readonly payload: Uint8Array;
  /** What the chaincode answered; a fact only after the commit. */
  readonly result: Uint8Array;
}

/** A transaction that the ordering service has accepted. */
export interface Submission {
  readonly transactionId: string;
  readonly creator: Creator;
  /** Organisation whose peer is asked about it; the creator's own where it is left out. */
  readonly peerOf?: string;
}

/** What became of a transaction once a block held it. */
export interface CommitStatus {
  readonly transactionId: string;
  readonly blockNumber: bigint;
  /** `protos.TxValidationCode`; 0 is VALID. */
  readonly code: number;
}

/** One block as the peer stores it. */
export interface LedgerBlock {
  readonly number: bigint;
  /** Serialised `common.Block`, with the validation codes in its metadata. */
  readonly bytes: Uint8Array;
}

/** Where to begin following blocks, and how to end it. */
export interface BlocksRequest {
  readonly creator: Creator;
  /** First block wanted; a number the chain has not reached yet is waited for. */
  readonly from: bigint;
  /** Ends the stream without an error. */
  readonly signal?: AbortSignal;
}

/**
 * A Fabric channel and its chaincode, reached through the peer of the creator's organisation.
 * Implementations: `adapters/fabric-gateway`, `adapters/fabric-network`.
 */
export interface LedgerPort {
  /** Whether proposals and transactions that were signed elsewhere can be passed on. */
  readonly relays: boolean;
  /** MSP ids of the organisations whose peers this port knows. */
  readonly organizations: readonly string[];

  /**
   * Builds a proposal; nothing is sent.
   * @throws LedgerUnreachable if no peer of the creator's organisation is known
   */
  propose(invocation: Invocation): Promise<Proposal>;

  /**
   * Collects the endorsements that the chaincode's policy asks for.
   * @throws EndorseRefused if the chaincode, or a peer's checks, refused it
   * @throws EndorseDiverged if the peers did not agree
   * @throws LedgerUnreachable if no peer answered
   */
  endorse(proposal: Proposal, sign: Sign): Promise<Endorsement>;

  /**
   * Hands the signed transaction to the ordering service. The same endorsement may be submitted
   * again with the same signature: the ledger keeps one of them.
   * @throws SubmitRefused if the ordering service refused it: it will not be committed
   * @throws SubmitUnknown if no answer came: it may or may not be committed
   */
  submit(endorsement: Endorsement, sign: Sign): Promise<Submission>;

  /**
   * Waits until a block holds the transaction, whoever submitted it and whenever.
   * @returns the code the peer gave it, VALID or not
   * @throws StatusUnknown if the wait ended first
   */
  status(submission: Submission, sign: Sign): Promise<CommitStatus>;

  /**
   * Runs the proposal on one peer and answers its result; nothing is ordered.
   * @throws EvaluateRefused if the chaincode, or the peer's checks, refused it
   * @throws LedgerUnreachable if no peer answered
   */
  evaluate(proposal: Proposal, sign: Sign): Promise<Uint8Array>;

  /**
   * Has one organisation's peer answer a query under its own signature, as evidence for others.
   * @param peerOf the organisation's MSP id
   * @returns serialised `protos.ProposalResponse` with the peer's endorsement
   * @throws EvaluateRefused if the peer refused it
   * @throws LedgerUnreachable if it did not answer
   */
  attest(proposal: Proposal, sign: Sign, peerOf: string): Promise<Uint8Array>;

  /**
   * The blocks from a number on, in order and without a gap, until the signal ends it.
   * @throws BlocksInterrupted if the stream broke; begin again after the last block received
   */
  blocks(request: BlocksRequest, sign: Sign): AsyncIterable<LedgerBlock>;

  /** Ends connections; calls under way fail. */
  close(): Promise<void>;
}

/** Injection token of the {@link LedgerPort}. */
export const LEDGER = Symbol('LedgerPort');
