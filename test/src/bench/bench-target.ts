import { readdir, stat } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  connectFabricGateway,
  connectFabricNetwork,
  type Profile,
  type SdkClient,
  type SdkTarget,
  type WalletEntry,
} from './sdk-clients';

/**
 * Block timeout of both networks of a comparison. Fabric's test network has 2 s; low latency is
 * wanted, and from the embedded one, which closes blocks early when it is idle, the same limit.
 */
export const comparedBatchTimeoutMs = 200;

/** A running network that has the minimal contract, and what stands with every figure of it. */
export interface BenchTarget extends SdkTarget {
  /** Names the network where several are measured in one run. */
  readonly network: string;
  readonly conditions: string;
  /** The process of an embedded network; absent where there is none, or not one. */
  readonly processId?: number;
}

/** How a network is found that somebody else has started. */
export interface GivenNetwork {
  /** Connection profile of an organisation. */
  readonly profile: string;
  /** Wallet folder or file; default: the folder `wallet` beside the profile or one level up. */
  readonly wallet?: string | undefined;
  /** Name in the wallet; default: the first of the profile's own organisation. */
  readonly user?: string | undefined;
  readonly channel: string;
  readonly chaincode: string;
}

/** @throws Error that names what was looked for and where */
export async function findNetwork(given: GivenNetwork): Promise<BenchTarget> {
  const { channel, chaincode } = given;
  const profile = JSON.parse(readFileSync(given.profile, 'utf8')) as Profile;
  return {
    network: profile.name ?? basename(given.profile, '.json'),
    conditions: `network of ${basename(given.profile)}, client on the same machine`,
    profileFile: given.profile,
    walletFile: await findWalletFile(given, profile),
    ...{ channel, chaincode },
  };
}

/** Both SDKs on one network, fabric-gateway first. */
export async function connectBoth(target: SdkTarget): Promise<[SdkClient, SdkClient]> {
  return [connectFabricGateway(target), await connectFabricNetwork(target)];
}

async function findWalletFile(given: GivenNetwork, profile: Profile): Promise<string> {
  const beside = dirname(given.profile);
  const places = given.wallet
    ? [given.wallet]
    : [join(beside, 'wallet'), join(beside, '..', 'wallet')];
  for (const place of places) {
    const found = await stat(place).catch(() => undefined);
    if (found?.isFile() === true) return place;
    const file = found && (await fileOfUser(place, given.user, profile));
    if (file !== undefined) return file;
  }
  throw new Error(`no identity${given.user ? ` ${given.user}` : ''} in ${places.join(' or ')}`);
}

async function fileOfUser(
  folder: string,
  user: string | undefined,
  profile: Profile,
): Promise<string | undefined> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.id')).sort();
  const own = profile.organizations[profile.client?.organization ?? '']?.mspid;
  const found = files.find((name) =>
    user === undefined ? mspIdOf(join(folder, name)) === own : name === `${user}.id`,
  );
  return found && join(folder, found);
}

function mspIdOf(walletFile: string): string {
  return (JSON.parse(readFileSync(walletFile, 'utf8')) as WalletEntry).mspId;
}
