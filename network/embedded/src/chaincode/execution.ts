import type { peer } from '@hyperledger/fabric-protos';
import type { TxSimulator } from '../state/simulator';

/** One execution of a chaincode. */
export interface ExecuteRequest {
  readonly channelId: string;
  readonly txId: string;
  /** Name of the chaincode, its namespace. */
  readonly chaincode: string;
  /** Serialized `peer.ChaincodeInput`. */
  readonly input: Uint8Array;
  /** Unchanged, as the client sent it; the shim takes creator and timestamp from it. */
  readonly signedProposal: peer.SignedProposal;
  /** Stays the caller's: the host neither finishes it nor reads the sequence on it. */
  readonly simulator: TxSimulator;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

/** What the chaincode answered. */
export interface ChaincodeOutcome {
  readonly response: peer.Response;
  /** With chaincode id and transaction id filled in. */
  readonly event?: peer.ChaincodeEvent;
}
