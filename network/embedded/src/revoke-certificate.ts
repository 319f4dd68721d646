import { channelViews } from '../../topology';
import type { Topology } from '../../topology';
import type { OrdererTarget } from '../../config-update/orderer-client';
import { setRevocationList } from '../../config-update/revocation-list';
import { updateConfig } from '../../config-update/update-config';
import type { CryptoStore } from './config/crypto-store';

/** What a certificate is revoked with. */
export interface RevocationParts {
  readonly topology: Topology;
  readonly crypto: CryptoStore;
  readonly orderer: OrdererTarget;
  readonly mspId: string;
  readonly certificatePem: string;
}

/**
 * Adds a certificate to its CA's revocation list and puts the list into every channel that the
 * organization is part of, with the signature of its administrator.
 * @returns the number of the configuration block by channel
 * @throws CryptoStoreError when the network has no such organization
 * @throws OrdererRefusal when a channel asks for more than that administrator's consent
 */
export async function revokeCertificate(
  parts: RevocationParts,
): Promise<ReadonlyMap<string, number>> {
  const { crypto, mspId, orderer } = parts;
  const list = await crypto.revoke(mspId, parts.certificatePem);
  const { admin } = crypto.organization(mspId);
  const blocks = new Map<string, number>();
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
    blocks.set(channel, blockNumber);
  }
  return blocks;
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
