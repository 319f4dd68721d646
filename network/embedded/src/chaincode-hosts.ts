import type { ChaincodeDefinition, Topology } from '../../topology';
import { TopologyError } from '../../topology';
import { chaincodeCalls } from './chaincode/chaincode-call';
import { ChaincodeHost } from './chaincode/chaincode-host';
import type { JoinedChannels } from './channel';
import { sha256 } from './crypto/hashes';
import { checkAccess } from './endorse/access-control';
import type { EndorsingChannel } from './endorse/endorser';
import { signedDatumOf } from './system/system-chaincode';
import { unpackProposal } from './endorse/proposal';

/** Where chaincode processes listen: by chaincode name, then by MSP id. */
export type ChaincodeAddresses = Readonly<
  Record<string, Readonly<Record<string, { readonly port: number }>>>
>;

/**
 * The id that a chaincode process must be started with (`--chaincode-id`): a label and a hash, as
 * the id of an installed package.
 */
export function packageIdOf(chaincode: {
  readonly name: string;
  readonly version: string;
}): string {
  const label = `${chaincode.name}_${chaincode.version}`;
  return `${label}:${sha256(Buffer.from(label)).toString('hex')}`;
}

/**
 * The connections of one organization's peer to its chaincode processes, by chaincode name. They
 * are made when first needed.
 * @throws TopologyError when a process has no port
 */
export function chaincodeHosts(parts: {
  readonly topology: Topology;
  readonly mspId: string;
  /** The channels of the peer, for calls between chaincodes. */
  readonly channels: JoinedChannels<EndorsingChannel>;
  /** Takes the place of the addresses in the topology. */
  readonly addresses: ChaincodeAddresses | undefined;
}): ReadonlyMap<string, ChaincodeHost> {
  const { topology, mspId, channels } = parts;
  const hosts = new Map<string, ChaincodeHost>();
  const calls = chaincodeCalls({
    find: (name) => hosts.get(name),
    simulator: (channelId, txId) => channels.get(channelId)?.runner.simulator(txId),
    authorize: (channelId, proposal) => {
      const signed = signedDatumOf(unpackProposal(proposal));
      const channel = channels.get(channelId)?.config;
      checkAccess({ resource: 'peer/ChaincodeToChaincode', channelId, channel, signed });
    },
  });
  for (const chaincode of topology.chaincodes) {
    const port = portOf(chaincode, mspId, parts.addresses);
    if (port === undefined) continue;
    const address = `127.0.0.1:${port}`;
    const packageId = packageIdOf(chaincode);
    hosts.set(chaincode.name, new ChaincodeHost({ address, packageId, calls }));
  }
  return hosts;
}

function portOf(
  chaincode: ChaincodeDefinition,
  mspId: string,
  addresses: ChaincodeAddresses | undefined,
): number | undefined {
  const given = addresses?.[chaincode.name]?.[mspId] ?? chaincode.addresses[mspId];
  if (!given) return undefined;
  if (given.port !== 0) return given.port;
  throw new TopologyError(
    `the process of chaincode ${chaincode.name} for ${mspId} has port 0 in the topology, ` +
      'so its address must be given when the network starts',
  );
}
