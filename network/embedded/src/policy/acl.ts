const readers = '/Channel/Application/Readers';
const writers = '/Channel/Application/Writers';

/**
 * Resource name (such as `peer/Propose`) to the path of the channel policy that guards it.
 * Resources that Fabric guards by the peer's own MSP instead are in `localResources`.
 * Source: core/aclmgmt/defaultaclprovider.go:newDefaultACLProvider.
 */
export const aclPolicies: Readonly<Record<string, string>> = {
  'peer/Propose': writers,
  'peer/ChaincodeToChaincode': writers,
  '_lifecycle/CommitChaincodeDefinition': writers,
  '_lifecycle/QueryChaincodeDefinition': writers,
  '_lifecycle/QueryChaincodeDefinitions': writers,
  '_lifecycle/CheckCommitReadiness': writers,
  'lscc/GetInstantiatedChaincodes': readers,
  'qscc/GetChainInfo': readers,
  'qscc/GetBlockByNumber': readers,
  'qscc/GetBlockByHash': readers,
  'qscc/GetTransactionByID': readers,
  'qscc/GetBlockByTxID': readers,
  'cscc/GetConfigBlock': readers,
  'cscc/GetChannelConfig': readers,
  'event/Block': readers,
  'event/FilteredBlock': readers,
  'gateway/CommitStatus': readers,
  'gateway/ChaincodeEvents': readers,
  // Discovery asks for this by path, not by resource name (internal/peer/node/start.go).
  'discovery/Discover': writers,
};

/** Resources guarded by a role in the MSP of the peer's own organization. */
export const localResources: Readonly<Record<string, 'Admins' | 'Members'>> = {
  '_lifecycle/InstallChaincode': 'Admins',
  '_lifecycle/QueryInstalledChaincode': 'Admins',
  '_lifecycle/GetInstalledChaincodePackage': 'Admins',
  '_lifecycle/QueryInstalledChaincodes': 'Admins',
  '_lifecycle/ApproveChaincodeDefinitionForMyOrg': 'Admins',
  '_lifecycle/QueryApprovedChaincodeDefinition': 'Admins',
  '_lifecycle/QueryApprovedChaincodeDefinitions': 'Admins',
  'cscc/JoinChain': 'Admins',
  'cscc/JoinChainBySnapshot': 'Admins',
  'cscc/JoinBySnapshotStatus': 'Admins',
  'cscc/GetChannels': 'Members',
};

/** Path of the channel policy that guards a resource; undefined for an unknown or local one. */
export function policyOfResource(resource: string): string | undefined {
  return Object.hasOwn(aclPolicies, resource) ? aclPolicies[resource] : undefined;
}
