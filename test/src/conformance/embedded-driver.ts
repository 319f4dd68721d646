import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestNetwork } from '@procurement/network';
import type { TestNetwork } from '@procurement/network';
import { organizationOf } from '@procurement/network/topology';
import type { ChaincodeDefinition, Topology } from '@procurement/network/topology';
import { projectRoot } from '@procurement/tools/start/project-root';
import { issueCertificate } from './certificate-issuer';
import { CryptoFolder } from './crypto-folder';
import type {
  CertificateRequest,
  Compat,
  Credentials,
  NetworkDriver,
  NetworkUnderTest,
  TestChaincode,
} from './network-driver';
import type { ConnectionProfile } from './profile-connections';
import { recordedChaincodes, recordedTopology } from './recorded-network';

/** The embedded network, answering as one generation of Fabric. */
export function embeddedNetwork(compat: Compat): NetworkUnderTest {
  return {
    name: `the embedded network as Fabric ${compat}`,
    compat,
    missing: {},
    start: () => EmbeddedDriver.start(compat),
  };
}

/** Long enough that what is sent together is in one block. */
const batchTimeoutMs = 40;

/** Long enough for a crowded machine, short enough for the case that waits for it. */
const executeTimeoutMs = 6_000;

class EmbeddedDriver implements NetworkDriver {
  readonly executeTimeoutMs = executeTimeoutMs;
  readonly #running: TestNetwork;

  private constructor(running: TestNetwork) {
    this.#running = running;
  }

  static async start(compat: Compat): Promise<EmbeddedDriver> {
    const recorded = recordedTopology(compat);
    const on = (name: string) => recordedChaincodes.filter(({ channel }) => channel === name);
    const chaincodes = on(recorded.channel);
    const topology: Topology = {
      ...recorded,
      batch: { ...recorded.batch, timeoutMs: batchTimeoutMs },
      chaincodes: chaincodes.map(definitionOf),
      furtherChannels: (recorded.furtherChannels ?? []).map((one) => ({
        ...one,
        // The processes are those of the first channel.
        chaincodes: on(one.name).map(furtherDefinitionOf),
      })),
    };
    const folders = chaincodes.map(({ name, fixture }) => [name, folderOf(fixture)]);
    const chaincodeFolder = Object.fromEntries(folders) as Record<string, string>;
    const running = await startTestNetwork({ topology, chaincodeFolder, executeTimeoutMs });
    return new EmbeddedDriver(running);
  }

  async profile(mspId: string): Promise<ConnectionProfile> {
    const file = this.#running.network.profiles.get(mspId) ?? '';
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

  async deploy(chaincode: TestChaincode): Promise<void> {
    const { channel, sequence, fixture, mspIds, ...definition } = chaincode;
    await this.#running.deploy({
      definition,
      chaincodeFolder: folderOf(fixture),
      channel,
      sequence,
      mspIds,
    });
  }

  restart(): Promise<void> {
    return this.#running.restart();
  }

  close(): Promise<void> {
    return this.#running.close();
  }

  #crypto(mspId: string): CryptoFolder {
    const { domain } = organizationOf(this.#running.network.topology, mspId);
    return new CryptoFolder({ root: join(this.#running.folder, 'organizations'), mspId, domain });
  }
}

function folderOf(fixture: string): string {
  return join(projectRoot, 'test', 'fixtures', fixture);
}

function definitionOf(chaincode: TestChaincode): ChaincodeDefinition {
  const addresses = chaincode.mspIds.map((mspId) => [mspId, { port: 0 }]);
  return {
    ...furtherDefinitionOf(chaincode),
    addresses: Object.fromEntries(addresses) as ChaincodeDefinition['addresses'],
  };
}

function furtherDefinitionOf(chaincode: TestChaincode): Omit<ChaincodeDefinition, 'addresses'> {
  const { name, version, sequence, endorsementPolicy, collections } = chaincode;
  return {
    name,
    version,
    sequence,
    endorsementPolicy: endorsementPolicy ?? '/Channel/Application/Endorsement',
    ...(collections && { collections }),
  };
}
