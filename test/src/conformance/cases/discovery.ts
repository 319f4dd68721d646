import { discovery, msp, peer } from '@hyperledger/fabric-protos';
import type { CaseGroup } from '../conformance-case';
import { outcomeOf } from '../outcomes';
import type { Outcome } from '../outcomes';
import type { Signer } from '../signer';
import type { World } from '../world';

const auditorMinistry = { AuditorMSP: 1, MinistryMSP: 1 };
const auditorVendor = { AuditorMSP: 1, VendorMSP: 1 };
const probeLayouts = { chaincode: 'probe', layouts: [auditorMinistry, auditorVendor] };

const answers: CaseGroup = {
  title: 'discovery',
  cases: [
    {
      id: '72b',
      title: 'tells writers about endorsers, members and the configuration',
      observe: observeDiscovery,
      expected: {
        probe: { ok: true, result: [probeLayouts] },
        deniedForPeerIdentity: { ok: true, result: 'access denied' },
        unknownChannel: { ok: true, result: 'access denied' },
      },
    },
    {
      id: 'd45',
      title: "tells administrators of the peer's organization who is there, whatever the channel",
      observe: observeLocalPeers,
      expected: {
        administrator: {
          ok: true,
          result: [
            ['AuditorMSP', 1],
            ['MinistryMSP', 1],
            ['VendorMSP', 1],
          ],
        },
        withoutLedgers: true,
        client: { ok: true, result: 'access denied' },
        administratorOfAnother: { ok: true, result: 'access denied' },
        badSignature: { ok: true, result: 'access denied' },
        onChannel: { ok: true, result: { error: 'unknown or missing request type' } },
        membersOfNoChannel: { ok: true, result: { error: 'unknown or missing request type' } },
      },
    },
  ],
};

/** The discovery service without a client library. */
export function discoveryCases(): readonly CaseGroup[] {
  return [answers];
}

interface Interest {
  readonly chaincode: string;
  readonly collections?: readonly string[];
}

async function observeDiscovery(world: World): Promise<object> {
  const endorsers = (...chaincodes: Interest[]) =>
    ask(world, (query) => {
      query.setCcQuery(chaincodeQuery(chaincodes));
    });
  const members = (about: Partial<About>) =>
    ask(
      world,
      (query) => {
        query.setPeerQuery(new discovery.PeerMembershipQuery());
      },
      about,
    );
  return {
    probe: await endorsers({ chaincode: 'probe' }),
    probe2: await endorsers({ chaincode: 'probe2' }),
    both: await endorsers({ chaincode: 'probe' }, { chaincode: 'probe2' }),
    coll: await endorsers({ chaincode: 'probe', collections: ['collVendorMinistry'] }),
    collAuditor: await endorsers({ chaincode: 'probe', collections: ['collAuditorPolicy'] }),
    ghost: await endorsers({ chaincode: 'ghost' }),
    members: await members({}),
    config: await ask(world, (query) => {
      query.setConfigQuery(new discovery.ConfigQuery());
    }),
    deniedForPeerIdentity: await members({ signer: await world.identities.peer('MinistryMSP') }),
    unknownChannel: await members({ channel: 'nochan' }),
  };
}

async function observeLocalPeers(world: World): Promise<object> {
  const admin = await world.identities.admin('MinistryMSP');
  const localPeers = (about: Partial<About>) =>
    ask(world, setLocalPeers, { channel: '', signer: admin, ...about });
  const other = await world.client('VendorMSP');
  return {
    administrator: await localPeers({}),
    withoutLedgers: await discovered(world, setLocalPeers, { channel: '', signer: admin }).then(
      (result) =>
        [...result.getMembers()!.getPeersByOrgMap().values()].every((peers) =>
          peers.getPeersList().every((one) => !one.hasStateInfo() && one.hasMembershipInfo()),
        ),
    ),
    client: await localPeers({ signer: await world.client() }),
    administratorOfAnother: await localPeers({
      signer: await world.identities.admin('VendorMSP'),
    }),
    badSignature: await localPeers({ signer: { ...admin, sign: (bytes) => other.sign(bytes) } }),
    onChannel: await localPeers({ channel: 'procurement', signer: await world.client() }),
    membersOfNoChannel: await ask(
      world,
      (query) => {
        query.setPeerQuery(new discovery.PeerMembershipQuery());
      },
      { channel: '', signer: admin },
    ),
  };
}

function setLocalPeers(query: discovery.Query): void {
  query.setLocalPeers(new discovery.LocalPeerQuery());
}

function chaincodeQuery(interests: readonly Interest[]): discovery.ChaincodeQuery {
  const interest = new peer.ChaincodeInterest();
  interest.setChaincodesList(
    interests.map(({ chaincode, collections = [] }) => {
      const call = new peer.ChaincodeCall();
      call.setName(chaincode);
      call.setCollectionNamesList([...collections]);
      return call;
    }),
  );
  const query = new discovery.ChaincodeQuery();
  query.setInterestsList([interest]);
  return query;
}

interface About {
  readonly signer: Signer;
  readonly channel: string;
}

/** What the ministry's peer says to one query, or the error, as the recordings show it. */
function ask(world: World, fill: Fill, about: Partial<About> = {}): Promise<Outcome> {
  return outcomeOf(discovered(world, fill, about), resultView);
}

type Fill = (query: discovery.Query) => void;

async function discovered(
  world: World,
  fill: Fill,
  { signer, channel = 'procurement' }: Partial<About> = {},
): Promise<discovery.QueryResult> {
  const asker = signer ?? (await world.client());
  const query = new discovery.Query();
  query.setChannel(channel);
  fill(query);
  const authentication = new discovery.AuthInfo();
  authentication.setClientIdentity(asker.serialized);
  const request = new discovery.Request();
  request.setAuthentication(authentication);
  request.setQueriesList([query]);
  const signed = new discovery.SignedRequest();
  signed.setPayload(request.serializeBinary());
  signed.setSignature(asker.sign(signed.getPayload_asU8()));
  const response = await world.clients.discover('MinistryMSP', signed);
  return response.getResultsList()[0]!;
}

function resultView(result: discovery.QueryResult): unknown {
  const { ResultCase } = discovery.QueryResult;
  switch (result.getResultCase()) {
    case ResultCase.ERROR:
      return errorView(result.getError()!.getContent());
    case ResultCase.CC_QUERY_RES:
      return result.getCcQueryRes()!.getContentList().map(descriptorView);
    case ResultCase.MEMBERS:
      return membersView(result.getMembers()!);
    default:
      return configView(result.getConfigResult()!);
  }
}

/** A refused request is shown as its text alone, as in the recordings. */
function errorView(error: string): unknown {
  return error === 'access denied' ? error : { error };
}

function descriptorView(descriptor: discovery.EndorsementDescriptor): object {
  const groups = new Map(
    [...descriptor.getEndorsersByGroupsMap().entries()].map(([group, peers]) => [
      group,
      mspIdOf(peers.getPeersList()[0]!),
    ]),
  );
  const layouts = descriptor.getLayoutsList().map((layout) => {
    const quantities = [...layout.getQuantitiesByGroupMap().entries()];
    const named = quantities.map(([group, count]) => [groups.get(group) ?? group, count] as const);
    return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  const sorted = layouts.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { chaincode: descriptor.getChaincode(), layouts: sorted };
}

function membersView(members: discovery.PeerMembershipResult): unknown {
  const counts = [...members.getPeersByOrgMap().entries()].map(
    ([mspId, peers]) => [mspId, peers.getPeersList().length] as const,
  );
  return counts.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The recordings have one ordering node in each organization; of four SmartBFT ones see the first. */
function configView(config: discovery.ConfigResult): unknown {
  return {
    msps: [...config.getMspsMap().keys()].sort(),
    orderers: [...config.getOrderersMap().entries()].map(([mspId, endpoints]) => [
      mspId,
      endpoints
        .getEndpointList()
        .slice(0, 1)
        .map((one) => `${one.getHost()}:${one.getPort()}`),
    ]),
  };
}

function mspIdOf(one: discovery.Peer): string {
  return msp.SerializedIdentity.deserializeBinary(one.getIdentity_asU8()).getMspid();
}
