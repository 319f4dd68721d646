export { checkTopology } from '../../topology-file/check-topology';
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
export { prepareChaincodes } from './prepare-chaincodes';
export type {
  ChaincodeAddresses,
  ChaincodeService,
  ServedChaincode,
} from '../../chaincode-service/chaincode-services';
export { startChaincodeProcess } from '../../chaincode-service/chaincode-process';
export type {
  ChaincodeProcess,
  ChaincodeProcessOptions,
  ChaincodeProcessTls,
} from '../../chaincode-service/chaincode-process';
export { ChaincodeConnectionError } from './chaincode/chaincode-host';
export { CryptoStoreError } from '../../certificates/crypto-store';
export type { IssuedUser, NetworkEndpoints } from '../../certificates/crypto-store';
export { DataFolder, DataFolderError } from './data-folder';
export { freePort, isPortFree } from '../../machine/free-port';
export { startEmbeddedNetwork } from './network';
export type { EmbeddedNetwork } from './network';
export type { NetworkOptions } from './network-options';
export type { NetworkDeployment } from './network-chaincodes';
export { startTestNetwork } from './test-network';
export type {
  PeerConnection,
  TestDeployment,
  TestNetwork,
  TestNetworkOptions,
  UserIdentity,
} from './test-network';
export { packageService } from '../../lifecycle/chaincode-package';
export type { ChaincodePackage, ServiceConnection } from '../../lifecycle/chaincode-package';
export type { Definition } from '../../lifecycle/definition';
export type { DeployedChaincode } from '../../lifecycle/deploy-chaincode';
export { LifecycleError } from '../../lifecycle/lifecycle-error';
export { systemClock } from './seams';
export type { Clock, Log } from './seams';
export { LedgerCorruptError } from './state/ledger';
export { ChaincodeDefinitionError } from './system/lifecycle/deployments';
export type { ConcurrencyLimits } from './wire/concurrency-limits';
export { PortInUseError } from './wire/rpc-server';
