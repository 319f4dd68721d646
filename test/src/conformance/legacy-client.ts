import type { Contract, Gateway, Network } from 'fabric-network';
import { peerOf } from './profile-connections';
import type { NodeConnection } from './profile-connections';
import { ordererOf } from './profile-connections';
import type { Signer } from './signer';
import type { World } from './world';

/** The older client library, connected as one identity. */
export interface LegacyClient {
  readonly network: Network;
  readonly contract: Contract;
  close(): void;
}

/** The peer of the own organization and nothing else; all others are discovered. */
export async function discoveringClient(world: World, signer: Signer): Promise<LegacyClient> {
  const own = peerOf(world.profile, signer.mspId);
  const profile = {
    ...base(signer.mspId),
    organizations: { own: { mspid: signer.mspId, peers: [own.name] } },
    peers: { [own.name]: serverOf(own) },
  };
  return connect(profile, signer, true);
}

/** Two peers, named as in the recording, and no discovery. */
export async function plainClient(world: World, signer: Signer): Promise<LegacyClient> {
  const peers = {
    'peer0.auditor': peerOf(world.profile, 'AuditorMSP'),
    'peer0.ministry': peerOf(world.profile, 'MinistryMSP'),
  };
  const names = Object.keys(peers);
  const profile = {
    ...base(signer.mspId),
    organizations: {
      own: { mspid: 'MinistryMSP', peers: ['peer0.ministry'] },
      auditor: { mspid: 'AuditorMSP', peers: ['peer0.auditor'] },
    },
    peers: Object.fromEntries(Object.entries(peers).map(([name, one]) => [name, serverOf(one)])),
    orderers: { orderer: serverOf(ordererOf(world.profile)) },
    channels: {
      procurement: {
        orderers: ['orderer'],
        peers: Object.fromEntries(names.map((name) => [name, {}])),
      },
    },
  };
  return connect(profile, signer, false);
}

function base(mspId: string): object {
  return { name: `for ${mspId}`, version: '1.0.0', client: { organization: 'own' } };
}

function serverOf({ name, address, tlsRootPem }: NodeConnection): object {
  return {
    url: `grpcs://${address}`,
    tlsCACerts: { pem: tlsRootPem },
    grpcOptions: { 'ssl-target-name-override': name, hostnameOverride: name },
  };
}

async function connect(
  profile: object,
  signer: Signer,
  hasDiscovery: boolean,
): Promise<LegacyClient> {
  // The library reads this when it is loaded, and would print every refused transaction.
  process.env['HFC_LOGGING'] = '{}';
  const library = await import('fabric-network');
  const wallet = await library.Wallets.newInMemoryWallet();
  await wallet.put('user', {
    type: 'X.509',
    mspId: signer.mspId,
    credentials: { certificate: signer.certificatePem, privateKey: signer.privateKeyPem },
  } as Parameters<typeof wallet.put>[1]);
  const gateway: Gateway = new library.Gateway();
  await gateway.connect(profile as Record<string, unknown>, {
    wallet,
    identity: 'user',
    ...(!hasDiscovery && { discovery: { enabled: false } }),
  });
  const network = await gateway.getNetwork('procurement');
  return {
    network,
    contract: network.getContract('probe'),
    close: () => {
      gateway.disconnect();
    },
  };
}
