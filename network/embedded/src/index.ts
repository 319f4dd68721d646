export { checkTopology } from './config/check-topology';
export {
  firstOrderer,
  ordererHost,
  organizationOf,
  peerHost,
  peerOrganizations,
  TopologyError,
  withPorts,
} from '../../topology';
export type {
  BatchLimits,
  ChaincodeDefinition,
  Collection,
  Compat,
  OrdererNode,
  Organization,
  PeerNode,
  PeerOrganization,
  Topology,
  User,
} from '../../topology';
export { packageIdOf } from './chaincode-hosts';
export type { ChaincodeAddresses } from './chaincode-hosts';
export { startChaincodeProcess } from './chaincode/chaincode-process';
export type { ChaincodeProcess, ChaincodeProcessOptions } from './chaincode/chaincode-process';
export { ChaincodeConnectionError } from './chaincode/chaincode-host';
export { CryptoStoreError } from './config/crypto-store';
export type { IssuedUser, NetworkEndpoints } from './config/crypto-store';
export { DataFolder, DataFolderError } from './data-folder';
export { startEmbeddedNetwork } from './network';
export type { EmbeddedNetwork, NetworkOptions } from './network';
export { startTestNetwork } from './test-network';
export type { PeerConnection, TestNetwork, TestNetworkOptions, UserIdentity } from './test-network';
export { systemClock } from './seams';
export type { Clock, Log } from './seams';
export { LedgerCorruptError } from './state/ledger';
export { ChaincodeDefinitionError } from './system/define-chaincodes';
export { PortInUseError } from './wire/rpc-server';
