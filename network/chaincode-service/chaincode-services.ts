import { packageService, labelOf } from '../lifecycle/chaincode-package';
import type { ChaincodePackage, ServiceConnection } from '../lifecycle/chaincode-package';
import type { ChaincodeDefinition } from '../topology';
import { TopologyError } from '../topology';
import type {
  ChaincodeClientTls,
  ChaincodeServerTls,
  ChaincodeTlsMaterial,
} from '../certificates/chaincode-tls';
import type { CryptoStore } from '../certificates/crypto-store';

/** Where chaincode processes listen: by chaincode name, then by MSP id. */
export type ChaincodeAddresses = Readonly<
  Record<string, Readonly<Record<string, { readonly port: number }>>>
>;

/** The process of a chaincode for one organization, and the package that leads peers to it. */
export interface ChaincodeService {
  /** Name of the chaincode. */
  readonly chaincode: string;
  readonly mspId: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  readonly package: ChaincodePackage;
  /** Present where the chaincode asks for mutual TLS. */
  readonly tls?: ChaincodeServerTls;
}

/** A chaincode of which packages are made. */
export type ServedChaincode = Pick<ChaincodeDefinition, 'name' | 'version' | 'addresses' | 'tls'>;

/**
 * The services of a chaincode, one for each organization in its addresses. Equal arguments give
 * equal packages, so processes may be started before or after the network.
 * @param parts.addresses takes the place of those of the chaincode
 * @throws TopologyError when a process has no port
 * @throws CryptoStoreError about the TLS material
 */
export async function chaincodeServices(
  chaincode: ServedChaincode,
  parts: { readonly crypto: CryptoStore; readonly addresses?: ChaincodeAddresses | undefined },
): Promise<readonly ChaincodeService[]> {
  const { name, addresses } = chaincode;
  const given = { ...addresses, ...parts.addresses?.[name] };
  return Promise.all(
    Object.entries(given).map(async ([mspId, { port }]) => {
      checkPort(port, { name, mspId });
      const tls =
        chaincode.tls === 'mutual' ? await parts.crypto.chaincodeTls(mspId, name) : undefined;
      const connection = connectionOf(port, tls);
      const packaged = await packageService({ label: labelOf(chaincode), connection });
      const service = { chaincode: name, mspId, port, package: packaged };
      return tls ? { ...service, tls: tls.server } : service;
    }),
  );
}

/** As real peers wait that are told nothing. */
const dial_timeout = '3s';

function connectionOf(port: number, tls: ChaincodeTlsMaterial | undefined): ServiceConnection {
  if (!tls) return { address: `127.0.0.1:${String(port)}`, dial_timeout };
  // A name, since TLS has no server names that are addresses (RFC 6066, section 3).
  return mutualConnection(`localhost:${String(port)}`, tls.client);
}

/**
 * How a peer reaches a chaincode with mutual TLS.
 * @param address `host:port`; the host stands in the server's certificate
 */
export function mutualConnection(address: string, client: ChaincodeClientTls): ServiceConnection {
  return {
    address,
    dial_timeout,
    tls_required: true,
    client_auth_required: true,
    client_key: client.privateKeyPem,
    client_cert: client.certificatePem,
    root_cert: client.rootCertificatePem,
  };
}

function checkPort(port: number, { name, mspId }: { name: string; mspId: string }): void {
  if (port !== 0) return;
  throw new TopologyError(
    `the process of chaincode ${name} for ${mspId} has port 0 in the topology, ` +
      'so its address must be given when the network starts',
  );
}
