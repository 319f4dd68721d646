import type { peer } from '@hyperledger/fabric-protos';
import type { TxSimulator } from '../state/simulator';
import type { Initializable } from './initialization';

/** One execution of a chaincode. */
export interface ExecuteRequest {
  readonly channelId: string;
  readonly txId: string;
  /** The chaincode as the channel has it; its name is the namespace. */
  readonly definition: Initializable;
  /** Serialized `peer.ChaincodeInput`. */
  readonly input: Uint8Array;
  /** Whether the chaincode is initialized (INIT) in place of invoked; default: no. */
  readonly isInit?: boolean;
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
