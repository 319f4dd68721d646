import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { organizationOf } from '@procurement/network/topology';
import type { Topology } from '@procurement/network/topology';
import { projectRoot } from '@procurement/tools/start/project-root';
import { startNativeNetwork, titleOf } from '../support/native-network';
import type { NativeSetting, NativeTestNetwork } from '../support/native-network';
import { issueCertificate } from './certificate-issuer';
import { CryptoFolder } from './crypto-folder';
import type {
  CertificateRequest,
  Credentials,
  NetworkDriver,
  NetworkUnderTest,
  TestChaincode,
} from './network-driver';
import type { ConnectionProfile } from './profile-connections';
import { chaincodeWithInit, recordedChaincodes, recordedTopology } from './recorded-network';

/** Real peers and ordering nodes as processes of this machine. */
export function nativeNetwork(setting: NativeSetting): NetworkUnderTest {
  return {
    name: titleOf(setting),
    compat: setting.binaries.fabric,
    missing: setting.consensus === 'bft' ? missingWithBft : {},
    start: () => NativeDriver.start(setting),
  };
}

/**
 * Where SmartBFT is another service than Raft. A leader proposes again and again what every node
 * then refuses (orderer/consensus/smartbft/verifier.go), so that one message of another type than a
 * transaction ends the ordering of a channel.
 */
const missingWithBft = {
  'ordering-of-anything': 'SmartBFT orders nothing more once such a message was sent',
  'ordering-of-duplicates': 'SmartBFT answers a second transaction of an id with 503',
  'one-orderer-answers': 'a gateway asks all nodes of SmartBFT and tells that a quorum is missing',
};

const executeTimeoutMs = 10_000;
/** The recorded network had Fabric's default, and cases send times that are off by minutes. */
const timeWindow = '15m';

class NativeDriver implements NetworkDriver {
  readonly executeTimeoutMs = executeTimeoutMs;
  readonly #path: string;
  readonly #network: NativeTestNetwork;

  private constructor(path: string, network: NativeTestNetwork) {
    this.#path = path;
    this.#network = network;
  }

  static async start(setting: NativeSetting): Promise<NativeDriver> {
    const path = await mkdtemp(join(tmpdir(), 'conformance-native-'));
    const topology = topologyFor(setting);
    const network = await startNativeNetwork(setting, {
      ...{ path, topology, batch: topology.batch },
      choices: { timeWindow, executeTimeout: `${executeTimeoutMs / 1000}s` },
    });
    const driver = new NativeDriver(path, network);
    try {
      for (const chaincode of recordedChaincodes) await driver.deploy(chaincode);
      return driver;
    } catch (error) {
      await driver.close();
      throw error;
    }
  }

  async profile(mspId: string): Promise<ConnectionProfile> {
    const file = join(this.#network.folder.profilesFolder, `${mspId}.json`);
    return JSON.parse(await readFile(file, 'utf8')) as ConnectionProfile;
  }

  async caCertificatePem(mspId: string): Promise<string> {
    return (await this.#crypto(mspId).authority()).certificatePem;
  }

  async issue(request: CertificateRequest): Promise<Credentials> {
    return issueCertificate(await this.#crypto(request.mspId).authority(), request);
  }

  peerCredentials(mspId: string): Promise<Credentials> {
    return this.#crypto(mspId).peer('peer0');
  }

  async deploy({ fixture, channel, sequence, mspIds, ...chaincode }: TestChaincode): Promise<void> {
    const { chaincodes } = this.#network.folder.plan.topology;
    const placed = chaincodes.find(({ name }) => name === chaincode.name)?.addresses ?? {};
    const addresses = Object.entries(placed).filter(([mspId]) => mspIds.includes(mspId));
    await this.#network.deploy({
      ...{ channel, sequence, folder: join(projectRoot, 'test', 'fixtures', fixture) },
      chaincode: {
        ...chaincode,
        endorsementPolicy: chaincode.endorsementPolicy ?? channelDefault,
        addresses: Object.fromEntries(addresses),
      },
    });
  }

  restart(): Promise<void> {
    return this.#network.restart();
  }

  async close(): Promise<void> {
    await this.#network.stop();
    await rm(this.#path, { recursive: true, force: true });
  }

  #crypto(mspId: string): CryptoFolder {
    const { path, plan } = this.#network.folder;
    const { domain } = organizationOf(plan.topology, mspId);
    return new CryptoFolder({ root: join(path, 'organizations'), mspId, domain });
  }
}

const secondPolicies = { AuditorMSP: { writers: "OR('AuditorMSP.admin')" } };
const channelDefault = '/Channel/Application/Endorsement';

/** The recorded network with a port for every chaincode process; SmartBFT gets three more nodes. */
function topologyFor({ binaries, consensus }: NativeSetting): Topology {
  const recorded = recordedTopology(binaries.fabric);
  const further = [2, 3, 4].map((number) => ({
    ...{ organization: 'OrdererMSP', name: `orderer${number}`, port: 0 },
  }));
  return {
    ...recorded,
    furtherChannels: [{ name: 'second', policies: secondPolicies, chaincodes: [] }],
    ...(consensus === 'bft' && { bftOrderers: further }),
    chaincodes: [...recordedChaincodes, chaincodeWithInit]
      .filter(({ channel }) => channel === recorded.channel)
      .map(({ name, version, sequence, mspIds }) => ({
        ...{ name, version, sequence, endorsementPolicy: channelDefault },
        addresses: Object.fromEntries(mspIds.map((mspId) => [mspId, { port: 0 }])),
      })),
  };
}
