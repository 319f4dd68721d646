import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  prepareChaincodes,
  startChaincodeProcess,
  withPorts,
  type ChaincodeProcess,
  type ChaincodeService,
  type Topology,
} from '@procurement/network';
import { topology as procurement } from '@procurement/network/topologies/procurement';
import { networkFolderOf, startNetwork } from '@procurement/tools/start/network-process';
import { onFreePorts } from '@procurement/tools/start/ports';

/** The procurement network without a gateway, its chaincode processes chosen by a test. */
export interface ChaincodeNetwork {
  /** The process of a chaincode at an organisation, and where it listens. */
  process(chaincode: string, mspId: string): ChaincodeProcess & ChaincodeService;
  stop(): Promise<void>;
}

/**
 * Starts the network and a process for every chaincode and organisation, and waits for the network.
 * @param options.folder where it keeps everything; the caller removes it
 * @param options.chaincodes names, all under the product's policy
 * @param options.packageOf folder of the package that an organisation runs
 */
export async function startChaincodeNetwork(options: {
  readonly folder: string;
  readonly chaincodes: readonly string[];
  readonly packageOf: (service: ChaincodeService) => string;
}): Promise<ChaincodeNetwork> {
  const { folder, packageOf } = options;
  const topology = await topologyWith(options.chaincodes);
  const services = await prepareChaincodes({ topology, folder: networkFolderOf(folder) });
  const running = services.map((service) => {
    const { mspId, port, tls, package: packaged } = service;
    const place = { folder: packageOf(service), packageId: packaged.id };
    return {
      ...service,
      ...startChaincodeProcess({ ...place, mspId, port, ...(tls && { tls }) }),
    };
  });
  const network = await startNetwork({ folder, topology });
  await network.ready;
  return {
    process: (chaincode, mspId) => {
      const found = running.find((one) => one.chaincode === chaincode && one.mspId === mspId);
      if (found === undefined) throw new RangeError(`no ${chaincode} of ${mspId}`);
      return found;
    },
    stop: async () => {
      await network.stop();
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

async function topologyWith(names: readonly string[]): Promise<Topology> {
  const topology = withPorts(procurement, 0);
  const [product] = topology.chaincodes;
  if (product === undefined) throw new RangeError('the topology has no chaincode');
  const chaincodes = await Promise.all(names.map((name) => onFreePorts({ ...product, name })));
  return { ...topology, chaincodes };
}

/** The certificate of the CA that made a chaincode's TLS certificate and asks for its peer's. */
export function tlsRootOf({ tls }: ChaincodeService): Buffer {
  if (tls?.clientCaFile === undefined) throw new RangeError('the chaincode asks for none');
  return readFileSync(join(tls.clientCaFile));
}
