/** The gateway's way to a ledger, for programs that take it without HTTP. */
export { newSign } from './identity/sign';
export { readWallet } from './identity/wallet';
export type { Identity } from './identity/wallet';
export { FabricGatewayLedger } from './ledger/adapters/fabric-gateway';
export type { AdapterOptions } from './ledger/adapters/fabric-gateway';
export { FabricNetworkLedger } from './ledger/adapters/fabric-network/fabric-network';
export { readProfiles } from './ledger/connection-profile';
export type { ConnectionProfile } from './ledger/connection-profile';
export type {
  CommitStatus,
  Creator,
  Endorsement,
  Invocation,
  LedgerBlock,
  LedgerPort,
  Proposal,
  Sign,
  Submission,
} from './ledger/ledger.port';
export * from './ledger/stage-errors';
