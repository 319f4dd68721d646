import { common, msp } from '@hyperledger/fabric-protos';

/**
 * Puts the revocation list of an organization into a configuration, in place of the one it has,
 * wherever the organization stands: as a member of the application and of the ordering service.
 * @param crlPem a list that the organization's CA signed
 * @throws Error when the configuration has no such organization
 */
export function setRevocationList(config: common.Config, mspId: string, crlPem: string): void {
  const root = config.getChannelGroup()?.getGroupsMap();
  const found = ['Application', 'Orderer'].flatMap((name) => {
    const members = root?.get(name)?.getGroupsMap();
    return [...(members?.keys() ?? [])].flatMap((key) => members?.get(key) ?? []);
  });
  const changed = found.filter((group) => replaceList(group, mspId, crlPem));
  if (changed.length === 0) throw new Error(`the channel has no organization ${mspId}`);
}

function replaceList(group: common.ConfigGroup, mspId: string, crlPem: string): boolean {
  const value = group.getValuesMap().get('MSP');
  if (!value) return false;
  const wrapped = msp.MSPConfig.deserializeBinary(value.getValue_asU8());
  const config = msp.FabricMSPConfig.deserializeBinary(wrapped.getConfig_asU8());
  if (config.getName() !== mspId) return false;
  config.setRevocationListList([Buffer.from(crlPem)]);
  wrapped.setConfig(config.serializeBinary());
  value.setValue(wrapped.serializeBinary());
  return true;
}
