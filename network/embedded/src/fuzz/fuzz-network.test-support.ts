import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Topology } from '../../../topology';
import { RawClients } from '../behaviours/raw-clients.test-support';
import type { RawTarget } from '../behaviours/raw-clients.test-support';
import { prepareChaincodes } from '../prepare-chaincodes';
import type { ChaincodeService } from '../../../chaincode-service/chaincode-services';
import { startChaincodeProcess } from '../../../chaincode-service/chaincode-process';
import type { ChaincodeProcess } from '../../../chaincode-service/chaincode-process';
import { freePort } from '../../../machine/free-port';
import { connectionOf } from '../test-network';
import { assetFolder, assetTopology } from '../test-support/asset-network';
import { connectGateway } from '../test-support/gateway-client';
import type { GatewayClient } from '../test-support/gateway-client';
import { NetworkProgram, ready, sourceOf } from '../test-support/network-process';
import { RogueChaincode } from './rogue-chaincode.test-support';
import type { Place } from './rpc-calls.test-support';

/** How long a chaincode may be silent here. */
const executeTimeoutMs = 1000;

const rogue = { name: 'rogue', version: '1.0' } as const;

/** A network in a process of its own, with a chaincode that says whatever a script wants. */
export class FuzzNetwork {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly clients: RawClients<RawTarget>;
  readonly rogue: RogueChaincode;
  /** A client with the asset contract. */
  readonly good: GatewayClient;
  /** The same user with the rogue chaincode. */
  readonly bad: GatewayClient;
  readonly #program: NetworkProgram;
  readonly #chaincodes: readonly ChaincodeProcess[];

  private constructor(parts: {
    folder: string;
    child: ChildProcess;
    clients: RawClients<RawTarget>;
    rogue: RogueChaincode;
    good: GatewayClient;
    bad: GatewayClient;
    program: NetworkProgram;
    chaincodes: readonly ChaincodeProcess[];
  }) {
    this.folder = parts.folder;
    this.child = parts.child;
    this.clients = parts.clients;
    this.rogue = parts.rogue;
    this.good = parts.good;
    this.bad = parts.bad;
    this.#program = parts.program;
    this.#chaincodes = parts.chaincodes;
  }

  static async start(): Promise<FuzzNetwork> {
    const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
    const topology = await topologyWithRogue();
    const services = await prepareChaincodes({ topology, folder: join(folder, 'network') });
    const chaincodes = startAssetChaincodes(services);
    const own = services.find((one) => one.chaincode === rogue.name);
    const chaincode = await RogueChaincode.listen(own?.port ?? 0, own?.package.id ?? '');
    const program = new NetworkProgram(folder);
    const stderr = openSync(join(folder, 'stderr.txt'), 'w');
    const args = ['--execute-timeout-ms', String(executeTimeoutMs)];
    const child = await program.start(topology, join(folder, 'network'), { args, stderr });
    closeSync(stderr);
    const message = await ready(child);
    const source = sourceOf(message, topology);
    const peers = new Map(Object.entries(message.peerPorts).map(([id, port]) => [id, { port }]));
    const endpoints = { orderer: { port: message.ordererPort }, peers };
    const target: RawTarget = {
      folder: join(folder, 'network'),
      // Whoever looks for a block begins with the first.
      network: { topology, endpoints, heightOf: () => 0 },
      connection: (mspId) => connectionOf({ profiles: source.profiles, endpoints }, mspId),
    };
    return new FuzzNetwork({
      ...{ folder, child, rogue: chaincode, program, chaincodes },
      clients: await RawClients.of(target),
      good: await connectGateway(source, { user: 'tashi' }),
      bad: await connectGateway(source, { user: 'tashi', chaincode: rogue.name }),
    });
  }

  /** Where the peer of an organization is, or the ordering node. */
  async place(node: string): Promise<Place> {
    if (node === 'orderer') {
      const { host, tls } = this.clients.crypto.orderer;
      const { port } = this.clients.network.network.endpoints.orderer;
      const address = `127.0.0.1:${String(port)}`;
      return { address, hostName: host, rootPem: tls.rootCertificatePem };
    }
    const { address, hostName, tlsRootCertificatePem } =
      await this.clients.network.connection(node);
    return { address, hostName, rootPem: tlsRootCertificatePem };
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What the process complained about. */
  complaints(): Promise<string> {
    return readFile(join(this.folder, 'stderr.txt'), 'utf8');
  }

  async close(): Promise<void> {
    for (const client of [this.clients, this.good, this.bad]) client.close();
    await this.#program.end();
    this.rogue.close();
    await Promise.all(this.#chaincodes.map((one) => one.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function topologyWithRogue(): Promise<Topology> {
  const addresses: Record<string, { port: number }> = {};
  for (const { mspId } of assetTopology.organizations)
    addresses[mspId] = { port: await freePort() };
  return {
    ...assetTopology,
    chaincodes: [
      ...assetTopology.chaincodes.map((one) => ({ ...one, addresses })),
      {
        ...rogue,
        sequence: 1,
        endorsementPolicy: "OR('MinistryMSP.peer')",
        addresses: { MinistryMSP: { port: await freePort() } },
      },
    ],
  };
}

function startAssetChaincodes(services: readonly ChaincodeService[]): ChaincodeProcess[] {
  return services
    .filter(({ chaincode }) => chaincode !== rogue.name)
    .map(({ mspId, port, package: { id } }) =>
      startChaincodeProcess({ folder: assetFolder, packageId: id, port, mspId }),
    );
}
