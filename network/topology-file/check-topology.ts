import {
  channelViews,
  firstOrderer,
  ordererHost,
  peerOrganizations,
  TopologyError,
} from '../topology';
import type {
  Collection,
  FurtherChannel,
  FurtherDefinition,
  OrdererNode,
  Topology,
} from '../topology';
import { mspIdsOf, PolicySyntaxError } from '../lifecycle/policy-dsl';
import {
  array,
  flag,
  integer,
  oneOf,
  optionalTexts,
  record,
  shape,
  text,
  texts,
} from './value-shapes';

const name = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const mspId = text(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/);
const label = text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const domain = text(/^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*$/);
const channelName = text(/^[a-z][a-z0-9.-]{0,248}$/);
const chaincodeName = text(/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/);
const version = text(/^[A-Za-z0-9_.+-]+$/);
const anyText = text(/./);
const port = integer({ min: 0, max: 65_535 });
const positive = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const count = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const orderers = array(shape({ organization: mspId, name: label, port }));

const collectionShape = shape(
  {
    name: text(/^[A-Za-z0-9-]+(_[A-Za-z0-9-]+)*$/),
    policy: anyText,
    requiredPeerCount: count,
    maxPeerCount: count,
    blockToLive: count,
    memberOnlyRead: flag(),
    memberOnlyWrite: flag(),
  },
  { endorsementPolicy: anyText },
);

const policyTexts = optionalTexts('readers', 'writers', 'admins', 'endorsement');

const definitionFields = {
  name: chaincodeName,
  version,
  sequence: positive,
  endorsementPolicy: anyText,
};

const definitionOptions = { collections: array(collectionShape), initRequired: flag() };

const furtherChannelShape = shape(
  {
    name: channelName,
    chaincodes: array(shape(definitionFields, definitionOptions)),
  },
  { organizations: array(mspId), policies: record(policyTexts) },
);

const topologyShape = shape(
  {
    channel: channelName,
    batch: shape(
      {
        timeoutMs: positive,
        maxMessageCount: positive,
        preferredMaxBytes: positive,
        absoluteMaxBytes: positive,
      },
      { cutWhenIdle: flag() },
    ),
    organizations: array(
      shape(
        {
          name,
          mspId,
          domain,
          users: array(shape({ name, type: oneOf('client', 'admin'), attributes: texts() })),
        },
        {
          peer: shape({ name: label, port }),
          policies: policyTexts,
          certificateAuthority: shape({ port, registrar: shape({ name, secret: anyText }) }),
        },
      ),
    ),
    orderers,
    chaincodes: array(
      shape(
        { ...definitionFields, addresses: record(shape({ port })) },
        { ...definitionOptions, tls: oneOf('none', 'mutual') },
      ),
    ),
  },
  {
    compat: oneOf('2.5', '3.1'),
    bftOrderers: orderers,
    furtherChannels: array(furtherChannelShape),
  },
);

/**
 * Checks a value read from a file or written by hand.
 * @param value anything; unknown fields are refused
 * @returns the same value, typed
 * @throws TopologyError naming the first fault found: a missing or malformed field, an id used
 *   twice, a port used twice, an address of an unknown MSP, a policy that does not parse or names
 *   an unknown MSP
 */
export function checkTopology(value: unknown): Topology {
  topologyShape(value, 'topology');
  const topology = value as Topology;
  checkIds(topology);
  checkPorts(topology);
  checkOrganizations(topology);
  checkChaincodes(topology);
  checkFurtherChannels(topology);
  return topology;
}

function checkIds(topology: Topology): void {
  const { organizations, chaincodes } = topology;
  if (organizations.length === 0) throw new TopologyError('the topology has no organization');
  refuseRepeats(
    'organization name',
    organizations.map((one) => one.name),
  );
  refuseRepeats(
    'MSP id',
    organizations.map((one) => one.mspId),
  );
  refuseRepeats(
    'domain',
    organizations.map((one) => one.domain),
  );
  for (const { mspId: id, users } of organizations) {
    refuseRepeats(
      `user of ${id}`,
      users.map((user) => user.name),
    );
  }
  refuseRepeats(
    'chaincode',
    chaincodes.map((one) => one.name),
  );
}

function checkPorts(topology: Topology): void {
  const ports = [
    ...orderersOf(topology).map((one) => one.port),
    ...peerOrganizations(topology).map((one) => one.peer.port),
    ...topology.organizations.map((one) => one.certificateAuthority?.port ?? 0),
    ...topology.chaincodes.flatMap((one) => Object.values(one.addresses).map((at) => at.port)),
  ];
  refuseRepeats('port', ports.filter((one) => one !== 0).map(String));
}

function checkOrganizations(topology: Topology): void {
  const { organizations, batch } = topology;
  const known = organizations.map((one) => one.mspId);
  firstOrderer(topology);
  for (const { organization, name: orderer } of orderersOf(topology)) {
    if (known.includes(organization)) continue;
    throw new TopologyError(`the ordering node ${orderer} is of the unknown MSP ${organization}`);
  }
  refuseRepeats(
    'ordering node',
    orderersOf(topology).map((one) => ordererHost(topology, one)),
  );
  if (peerOrganizations(topology).length === 0) {
    throw new TopologyError('no organization of the topology has a peer');
  }
  if (batch.preferredMaxBytes > batch.absoluteMaxBytes) {
    throw new TopologyError('batch.preferredMaxBytes is greater than batch.absoluteMaxBytes');
  }
  for (const { mspId: id, policies, users } of organizations) {
    for (const [which, policy] of Object.entries<string>({ ...policies })) {
      checkPolicy(`the ${which} policy of ${id}`, policy, known);
    }
    const reserved = users.find((user) => user.name === 'Admin');
    if (reserved) throw new TopologyError(`user Admin of ${id} is made by the network itself`);
  }
}

function checkChaincodes(topology: Topology): void {
  const known = peerOrganizations(topology).map((one) => one.mspId);
  for (const chaincode of topology.chaincodes) {
    const what = `chaincode ${chaincode.name}`;
    const addressed = Object.keys(chaincode.addresses);
    const unknown = addressed.find((id) => !known.includes(id));
    if (unknown !== undefined) {
      throw new TopologyError(`${what} has an address of the unknown MSP ${unknown}`);
    }
    if (addressed.length === 0) throw new TopologyError(`${what} has no address`);
    checkDefinition(what, chaincode, known);
  }
}

function checkDefinition(
  what: string,
  definition: FurtherDefinition,
  known: readonly string[],
): void {
  checkEndorsementPolicy(what, definition.endorsementPolicy, known);
  checkCollections(what, definition.collections ?? [], known);
}

function checkFurtherChannels(topology: Topology): void {
  const [first, ...views] = channelViews(topology);
  refuseRepeats(
    'channel',
    [first, ...views].map((one) => one?.channel ?? ''),
  );
  for (const channel of topology.furtherChannels ?? []) checkMembers(channel, topology);
  for (const view of views) {
    checkOrganizations(view);
    refuseRepeats(
      `chaincode of the channel ${view.channel}`,
      view.chaincodes.map((one) => one.name),
    );
    for (const chaincode of view.chaincodes) checkFurtherDefinition(chaincode, view, topology);
  }
}

function checkMembers(channel: FurtherChannel, topology: Topology): void {
  const known = peerOrganizations(topology).map((one) => one.mspId);
  const { name: channelId, organizations = [], policies = {} } = channel;
  const unknown = [...organizations, ...Object.keys(policies)].find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw new TopologyError(`the channel ${channelId} names the unknown MSP ${unknown}`);
}

function checkFurtherDefinition(
  definition: FurtherDefinition,
  view: Topology,
  { chaincodes }: Topology,
): void {
  const what = `chaincode ${definition.name} of the channel ${view.channel}`;
  const isRun = chaincodes.some(
    (one) => one.name === definition.name && one.version === definition.version,
  );
  if (!isRun) throw new TopologyError(`${what} has no process: none of that name and version`);
  const known = peerOrganizations(view).map((one) => one.mspId);
  checkDefinition(what, definition, known);
}

function checkCollections(
  chaincode: string,
  collections: readonly Collection[],
  known: readonly string[],
): void {
  refuseRepeats(
    `collection of ${chaincode}`,
    collections.map((one) => one.name),
  );
  for (const { name: collection, policy, endorsementPolicy, ...counts } of collections) {
    const what = `collection ${collection} of ${chaincode}`;
    checkPolicy(`the policy of ${what}`, policy, known);
    if (endorsementPolicy !== undefined) checkEndorsementPolicy(what, endorsementPolicy, known);
    if (counts.requiredPeerCount > counts.maxPeerCount) {
      throw new TopologyError(`${what} requires more peers than maxPeerCount allows`);
    }
  }
}

/** All ordering nodes, those for BFT included. */
function orderersOf({ orderers: nodes, bftOrderers = [] }: Topology): readonly OrdererNode[] {
  return [...nodes, ...bftOrderers];
}

function checkEndorsementPolicy(what: string, policy: string, known: readonly string[]): void {
  if (!policy.startsWith('/')) {
    checkPolicy(`the endorsement policy of ${what}`, policy, known);
    return;
  }
  const paths = ['Endorsement', 'LifecycleEndorsement', 'Readers', 'Writers', 'Admins'];
  if (paths.some((path) => policy === `/Channel/Application/${path}`)) return;
  throw new TopologyError(`the endorsement policy of ${what} names no channel policy: ${policy}`);
}

function checkPolicy(what: string, policy: string, known: readonly string[]): void {
  let named: readonly string[];
  try {
    named = mspIdsOf(policy);
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    throw new TopologyError(`${what} does not parse: ${error.message}`, { cause: error });
  }
  const unknown = named.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new TopologyError(`${what} names the unknown MSP ${unknown}`);
}

function refuseRepeats(what: string, values: readonly string[]): void {
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated !== undefined) throw new TopologyError(`${what} ${repeated} is used twice`);
}
