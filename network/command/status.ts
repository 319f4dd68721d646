import { resolve } from 'node:path';
import { queryApproved, queryDefinitions, queryInstalled } from '../lifecycle/lifecycle-calls';
import type { LifecycleCaller } from '../lifecycle/lifecycle-calls';
import { channelOf, findNetwork, heightsOf } from './running-network';
import type { RunningNetwork, RunningOrganization } from './running-network';
import type { StatusSettings } from './settings';
import { folderOption, table } from './texts';
import type { Print } from './texts';

/**
 * Says where the nodes of a running network listen, how many blocks each peer has, and which
 * chaincodes the channel has with the package that runs for each organization.
 * @throws NotRunningError when no peer answers; UsageError, LifecycleError
 */
export async function status(settings: StatusSettings, print: Print): Promise<void> {
  const network = await findNetwork(resolve(settings.folder));
  try {
    const channel = channelOf(network, settings.channel);
    for (const line of await describe(network, channel)) print(line);
  } finally {
    network.close();
  }
}

async function describe(network: RunningNetwork, channel: string): Promise<string[]> {
  const heights = await heightsOf(network, channel);
  const peers = network.organizations.map((one, at) => {
    const height = heights[at];
    const state =
      height === undefined
        ? 'does not answer'
        : `${String(height)} block${height === 1 ? '' : 's'}`;
    return [one.host, one.address, one.mspId, state];
  });
  const orderers = network.orderers.map((one) => [one.host, one.address, '', '']);
  return [
    `Channel ${channel}:`,
    '',
    ...table([...peers, ...orderers]),
    '',
    ...(await chaincodes(network, channel)),
  ];
}

function callerOf({ admin, peer }: RunningOrganization): LifecycleCaller {
  return { peer, signer: admin };
}

async function chaincodes(network: RunningNetwork, channel: string): Promise<string[]> {
  const [first] = network.organizations;
  const definitions = first ? await queryDefinitions(callerOf(first), channel) : [];
  if (definitions.length === 0) {
    const options = `--name NAME --path CHAINCODE_FOLDER${folderOption(network.folder)}`;
    return [`No chaincode yet. Bring yours: npm run network -- deploy ${options}`];
  }
  const lines: string[] = [];
  for (const one of definitions) {
    const name = one.getName();
    const sequence = one.getSequence();
    lines.push(`Chaincode ${name} ${one.getVersion()} (sequence ${String(sequence)}):`, '');
    const asked = { channel, name, sequence };
    const rows = network.organizations.map(async (organization) => [
      organization.mspId,
      await packageOf(callerOf(organization), asked),
    ]);
    lines.push(...table(await Promise.all(rows)), '');
  }
  return lines;
}

async function packageOf(
  caller: LifecycleCaller,
  asked: { channel: string; name: string; sequence: number },
): Promise<string> {
  const approved = await queryApproved(caller, asked);
  const id = approved?.getSource()?.getLocalPackage()?.getPackageId();
  if (id === undefined) return 'no package';
  const installed = await queryInstalled(caller);
  return installed.some((one) => one.packageId === id) ? id : `${id} (not installed)`;
}
