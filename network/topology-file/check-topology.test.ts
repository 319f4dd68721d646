import { describe, expect, test } from '@jest/globals';
import {
  firstOrderer,
  ordererHost,
  organizationOf,
  peerHost,
  peerOrganizations,
  TopologyError,
  withPorts,
} from '../topology';
import { topology as minimal } from '../topologies/minimal';
import { topology as procurement } from '../topologies/procurement';
import { checkTopology } from './check-topology';

/** The minimal topology as plain JSON, with a change. */
function changed(change: (topology: MutableTopology) => void): unknown {
  const copy = JSON.parse(JSON.stringify(minimal)) as MutableTopology;
  change(copy);
  return copy;
}

interface MutableTopology {
  channel: unknown;
  batch: Record<string, unknown>;
  organizations: Record<string, unknown>[];
  orderers: Record<string, unknown>[];
  chaincodes: Record<string, unknown>[];
  furtherChannels?: MutableChannel[];
  extra?: unknown;
}

type MutableChannel = Record<string, unknown>;

/** The chaincode of the minimal topology as a further channel defines it. */
const generic = {
  name: 'generic',
  version: '1.0',
  sequence: 1,
  endorsementPolicy: '/Channel/Application/Endorsement',
};

const bo = { name: 'bo', type: 'client', attributes: {} };

const secret = {
  name: 'secret',
  policy: "OR('AlphaMSP.member', 'BetaMSP.member')",
  requiredPeerCount: 0,
  maxPeerCount: 2,
  blockToLive: 0,
  memberOnlyRead: true,
  memberOnlyWrite: true,
};

describe('a topology', () => {
  test('of the repository is accepted', () => {
    for (const one of [minimal, procurement]) {
      expect(checkTopology(JSON.parse(JSON.stringify(one)))).toEqual(one);
    }
  });

  test('has its ports in one row from the base', () => {
    const moved = withPorts(procurement, 9000);
    expect(moved.orderers.map((one) => one.port)).toEqual([9000, 9007, 9008]);
    expect(moved.organizations.map((one) => one.peer?.port)).toEqual([9001, 9002, 9003]);
    expect(moved.chaincodes[0]!.addresses).toEqual({
      MinistryMSP: { port: 9011 },
      VendorMSP: { port: 9012 },
      AuditorMSP: { port: 9013 },
    });
    const anywhere = withPorts(procurement, 0);
    expect(anywhere.organizations.map((one) => one.peer?.port)).toEqual([0, 0, 0]);
    expect(checkTopology(anywhere)).toBe(anywhere);
  });

  test('names its hosts by role and domain', () => {
    expect(peerHost(peerOrganizations(procurement)[0]!)).toBe('peer0.ministry.example');
    expect(ordererHost(procurement, firstOrderer(procurement))).toBe('orderer.auditor.example');
    expect(() => organizationOf(procurement, 'NoMSP')).toThrow(TopologyError);
  });

  test.each<[string, (topology: MutableTopology) => void, string]>([
    ['without a channel', (t) => delete t.channel, 'topology.channel'],
    ['with an unknown field', (t) => (t.extra = 1), 'unknown field extra'],
    ['with a list for a limit', (t) => (t.batch['timeoutMs'] = [10]), 'topology.batch.timeoutMs'],
    ['with a limit of 0', (t) => (t.batch['maxMessageCount'] = 0), 'maxMessageCount'],
    [
      'with a preferred size above the greatest',
      (t) => (t.batch['preferredMaxBytes'] = 9e9),
      'preferredMaxBytes',
    ],
    ['without organizations', (t) => (t.organizations = []), 'no organization'],
    [
      'with an MSP id twice',
      (t) => (t.organizations[1]!['mspId'] = 'AlphaMSP'),
      'AlphaMSP is used twice',
    ],
    [
      'with a domain twice',
      (t) => (t.organizations[1]!['domain'] = 'alpha.example'),
      'alpha.example is used twice',
    ],
    [
      'with a path for a domain',
      (t) => (t.organizations[1]!['domain'] = '../x'),
      'organizations[1].domain',
    ],
    [
      'with a user twice',
      (t) => (t.organizations[1]!['users'] = [bo, bo]),
      'user of BetaMSP bo is used twice',
    ],
    [
      'with its own Admin',
      (t) => (t.organizations[1]!['users'] = [{ name: 'Admin', type: 'admin', attributes: {} }]),
      'user Admin of BetaMSP',
    ],
    [
      'with a user of an odd type',
      (t) => (t.organizations[1]!['users'] = [{ name: 'x', type: 'peer', attributes: {} }]),
      'users[0].type',
    ],
    [
      'with a port twice',
      (t) => (t.organizations[1]!['peer'] = { name: 'p', port: (t.orderers[0]!['port'] = 7050) }),
      'port 7050 is used twice',
    ],
    [
      'with a port out of range',
      (t) => (t.orderers[0]!['port'] = 70_000),
      'topology.orderers[0].port',
    ],
    [
      'with an unknown orderer',
      (t) => (t.orderers[0]!['organization'] = 'NoMSP'),
      'ordering node orderer is of the unknown MSP NoMSP',
    ],
    [
      'with a collection that requires more peers than it may have',
      (t) => (t.chaincodes[0]!['collections'] = [{ ...secret, requiredPeerCount: 3 }]),
      'collection secret of chaincode generic requires more peers than maxPeerCount allows',
    ],
    [
      'with a collection of an unknown MSP',
      (t) => (t.chaincodes[0]!['collections'] = [{ ...secret, policy: "OR('NoMSP.member')" }]),
      'the policy of collection secret of chaincode generic names the unknown MSP NoMSP',
    ],
    [
      'with a chaincode at an unknown MSP',
      (t) => (t.chaincodes[0]!['addresses'] = { NoMSP: { port: 0 } }),
      'address of the unknown MSP NoMSP',
    ],
    ['with a chaincode nowhere', (t) => (t.chaincodes[0]!['addresses'] = {}), 'no address'],
    [
      'with a policy that does not parse',
      (t) => (t.chaincodes[0]!['endorsementPolicy'] = "OR('A'"),
      'does not parse',
    ],
    [
      'with a policy of an unknown MSP',
      (t) => (t.chaincodes[0]!['endorsementPolicy'] = "OR('NoMSP.peer')"),
      'names the unknown MSP NoMSP',
    ],
    [
      'with an unknown channel policy',
      (t) => (t.chaincodes[0]!['endorsementPolicy'] = '/Channel/Odd'),
      'names no channel policy',
    ],
    [
      'with an organization policy that does not parse',
      (t) => (t.organizations[0]!['policies'] = { writers: 'x' }),
      'the writers policy of AlphaMSP',
    ],
  ])('%s is refused by name', (_, change, words) => {
    const value = changed(change);
    expect(() => checkTopology(value)).toThrow(TopologyError);
    expect(() => checkTopology(value)).toThrow(words);
  });

  test.each<[string, (channels: MutableChannel[]) => void, string]>([
    ['named as the first', ([one]) => (one!['name'] = 'minimal'), 'channel minimal is used twice'],
    [
      'named as another',
      (channels) => channels.push({ name: 'aside', chaincodes: [] }),
      'channel aside is used twice',
    ],
    ['with a name in capitals', ([one]) => (one!['name'] = 'Aside'), 'furtherChannels[0].name'],
    ['without chaincodes', ([one]) => delete one!['chaincodes'], 'furtherChannels[0].chaincodes'],
    ['with an unknown field', ([one]) => (one!['batch'] = {}), 'unknown field batch'],
    [
      'of an unknown organization',
      ([one]) => (one!['organizations'] = ['NoMSP']),
      'the channel aside names the unknown MSP NoMSP',
    ],
    [
      'of nobody',
      ([one]) => (one!['organizations'] = []),
      'no organization of the topology has a peer',
    ],
    [
      'with a policy for an unknown organization',
      ([one]) => (one!['policies'] = { NoMSP: {} }),
      'the channel aside names the unknown MSP NoMSP',
    ],
    [
      'with a policy that does not parse',
      ([one]) => (one!['policies'] = { AlphaMSP: { writers: 'x' } }),
      'the writers policy of AlphaMSP does not parse',
    ],
    [
      'with a chaincode that nobody runs',
      ([one]) => (one!['chaincodes'] = [{ ...generic, name: 'other' }]),
      'chaincode other of the channel aside has no process',
    ],
    [
      'with another version than what runs',
      ([one]) => (one!['chaincodes'] = [{ ...generic, version: '2.0' }]),
      'chaincode generic of the channel aside has no process',
    ],
    [
      'with a chaincode twice',
      ([one]) => (one!['chaincodes'] = [generic, generic]),
      'chaincode of the channel aside generic is used twice',
    ],
    [
      'with an endorsement policy of somebody who is no member',
      ([one]) => {
        one!['organizations'] = ['BetaMSP'];
        one!['chaincodes'] = [{ ...generic, endorsementPolicy: "OR('AlphaMSP.peer')" }];
      },
      'names the unknown MSP AlphaMSP',
    ],
  ])('with a further channel %s is refused by name', (_, change, words) => {
    const channels: MutableChannel[] = [{ name: 'aside', chaincodes: [generic] }];
    expect(checkTopology(changed((one) => (one.furtherChannels = channels)))).toBeDefined();
    change(channels);
    const value = changed((one) => (one.furtherChannels = channels));
    expect(() => checkTopology(value)).toThrow(TopologyError);
    expect(() => checkTopology(value)).toThrow(words);
  });

  test.each([null, 'topology', [], 7])('that is %j is refused', (value) => {
    expect(() => checkTopology(value)).toThrow(TopologyError);
  });
});
