import { channelViews } from '../../topology';
import type { Topology } from '../../topology';
import type { OrdererTarget } from '../../config-update/orderer-client';
import { setRevocationList } from '../../config-update/revocation-list';
import { updateConfig } from '../../config-update/update-config';
import type { CryptoStore } from '../../certificates/crypto-store';
import type { Peer } from './peer';

/** What a certificate is revoked with. */
export interface RevocationParts {
  readonly topology: Topology;
  readonly crypto: CryptoStore;
  readonly ordererPort: number;
  readonly peers: readonly Peer[];
  readonly mspId: string;
  readonly certificatePem: string;
}

/**
 * Adds a certificate to its CA's revocation list and puts the list into every channel that the
 * organization is part of, with the signature of its administrator. When the promise is kept, all
 * peers go by it.
 * @throws CryptoStoreError when the network has no such organization
 * @throws OrdererRefusal when a channel asks for more than that administrator's consent
 */
export async function revokeCertificate(parts: RevocationParts): Promise<void> {
  const { crypto, mspId, peers } = parts;
  const orderer = ordererTarget(parts);
  const list = await crypto.revoke(mspId, parts.certificatePem);
  const { admin } = crypto.organization(mspId);
  for (const channel of channelsOf(parts)) {
    const { blockNumber } = await updateConfig({
      channel,
      orderer,
      submitter: admin,
      signers: [admin],
      change: (config) => {
        setRevocationList(config, mspId, list);
      },
    });
    for (const { channels } of peers) await channels.get(channel)?.caughtUp(blockNumber + 1);
  }
}

function ordererTarget({ crypto, ordererPort }: RevocationParts): OrdererTarget {
  const { host, tls } = crypto.orderer;
  const address = `127.0.0.1:${String(ordererPort)}`;
  return { address, hostName: host, tlsRootCertificatePem: tls.rootCertificatePem };
}

function channelsOf({ topology, mspId }: RevocationParts): string[] {
  const orders = topology.orderers[0]?.organization === mspId;
  return channelViews(topology)
    .filter(
      ({ organizations }) =>
        orders || organizations.some((one) => one.mspId === mspId && one.peer !== undefined),
    )
    .map((view) => view.channel);
}
