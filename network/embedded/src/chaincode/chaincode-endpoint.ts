import type { ServiceConnection } from '../../../lifecycle/chaincode-package';
import { ChaincodeConnectionError } from './chaincode-stream';
import type { ChaincodeEndpoint, ChaincodeTls } from './chaincode-stream';

const DEFAULT_DIAL_TIMEOUT_MS = 3_000;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * How the process of an installed package is reached.
 * @throws ChaincodeConnectionError when a key or certificate is missing
 *   (Fabric: core/container/externalbuilder/instance.go)
 */
export function chaincodeEndpoint(
  packageId: string,
  connection: ServiceConnection,
): ChaincodeEndpoint {
  const { address, dial_timeout: dialTimeout = '' } = connection;
  const dialTimeoutMs = durationMs(dialTimeout) ?? DEFAULT_DIAL_TIMEOUT_MS;
  const endpoint = { address, packageId, dialTimeoutMs };
  return connection.tls_required ? { ...endpoint, tls: tlsOf(connection) } : endpoint;
}

function tlsOf(connection: ServiceConnection): ChaincodeTls {
  const rootCertificate = pem(connection.root_cert, 'root cert');
  if (!connection.client_auth_required) return { rootCertificate };
  const key = pem(connection.client_key, 'key');
  const certificate = pem(connection.client_cert, 'cert');
  return { rootCertificate, client: { key, certificate } };
}

function pem(text: string | undefined, what: string): Buffer {
  if (text) return Buffer.from(text);
  throw new ChaincodeConnectionError(`chaincode tls ${what} not provided`);
}

/** A Go duration of one unit, such as `10s`; undefined for anything else. */
function durationMs(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = UNIT_MS[unit];
  return factor === undefined ? undefined : Number(amount) * factor;
}
