import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Topology } from '@procurement/network';

const ENTRY = '.id';

/** Where a gateway of this organisation keeps what is its own: wallet, tokens, store. */
export function gatewayFolderOf(folder: string, mspId: string): string {
  return join(folder, 'gateways', mspId);
}

/** The wallet of a gateway of this organisation. */
export function gatewayWalletOf(folder: string, mspId: string): string {
  return join(gatewayFolderOf(folder, mspId), 'wallet');
}

/** The store of a gateway of this organisation, with its key. */
export function gatewayStoreOf(folder: string, mspId: string): string {
  return join(gatewayFolderOf(folder, mspId), 'store');
}

/**
 * Gives a gateway a wallet of its own: the identity that its organisation enrolled for it, and the
 * service accounts that it is to sign for. No other key is in it, so that a gateway that is broken
 * into has nothing to sign with for anyone else; tokens that are there stay.
 * @param options.networkWallet wallet that the network wrote, with an entry for everyone
 * @param options.accounts names of the service accounts
 */
export async function prepareGatewayWallet(options: {
  readonly folder: string;
  readonly mspId: string;
  readonly networkWallet: string;
  readonly topology: Pick<Topology, 'organizations'>;
  readonly accounts: readonly string[];
}): Promise<void> {
  const { folder, mspId, networkWallet, accounts } = options;
  const wallet = gatewayWalletOf(folder, mspId);
  await mkdir(wallet, { recursive: true, mode: 0o700 });
  const entries = [...serviceNames(options), ...accounts].map((name) => `${name}${ENTRY}`);
  const stale = (await readdir(wallet)).filter((name) => name.endsWith(ENTRY));
  for (const entry of stale) if (!entries.includes(entry)) await rm(join(wallet, entry));
  const there = await readdir(networkWallet);
  // A name that nobody has is for the gateway itself to refuse, as it names the setting.
  for (const entry of entries.filter((name) => there.includes(name))) {
    await copyFile(join(networkWallet, entry), join(wallet, entry));
  }
}

function serviceNames({
  mspId,
  topology,
}: Pick<Parameters<typeof prepareGatewayWallet>[0], 'mspId' | 'topology'>): string[] {
  const organization = topology.organizations.find((one) => one.mspId === mspId);
  const users = organization?.users ?? [];
  return users.filter(({ attributes }) => attributes['role'] === 'gateway').map(({ name }) => name);
}
