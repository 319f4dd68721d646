import { join } from 'node:path';
import { CertificateOffice } from '../../identity-source/certificate-office';
import { startFabricCaServer } from '../../identity-source/fabric-ca-server';
import type { FabricCaServer } from '../../identity-source/fabric-ca-server';
import type { AuthorityServer, Organization, Topology } from '../../topology';
import { homeFolder } from '../../certificates/crypto-layout';
import { CertificateAuthority } from '../../certificates/certificate-authority';
import { PortInUseError } from './wire/rpc-server';

/** The CAs of a network that answer Fabric CA's clients. */
export interface AuthorityServers {
  /** By MSP id. */
  readonly ports: ReadonlyMap<string, { readonly port: number }>;
  close(): Promise<void>;
}

/**
 * Serves the CA of each organization whose topology says so, over TLS on 127.0.0.1.
 * @throws PortInUseError, CryptoStoreError; nothing is left running then
 */
export async function serveAuthorities(parts: {
  topology: Topology;
  /** The network's folder. */
  folder: string;
  portSetting: string;
}): Promise<AuthorityServers> {
  const { topology, folder, portSetting } = parts;
  const servers: FabricCaServer[] = [];
  const ports = new Map<string, { port: number }>();
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((one) => one.close()));
  };
  try {
    for (const organization of topology.organizations) {
      const { mspId, certificateAuthority } = organization;
      if (!certificateAuthority) continue;
      const root = join(folder, 'organizations');
      const server = await serve(organization, certificateAuthority, { root, portSetting });
      servers.push(server);
      ports.set(mspId, { port: Number(new URL(server.url).port) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ports, close };
}

async function serve(
  organization: Organization,
  { port, registrar }: AuthorityServer,
  { root, portSetting }: { root: string; portSetting: string },
): Promise<FabricCaServer> {
  const { domain, mspId } = organization;
  const place = { domain, organizationFolder: homeFolder(root, organization) };
  const office = await CertificateOffice.open(place);
  await office.addRegistrar(registrar);
  const tlsCa = await CertificateAuthority.load({ ...place, kind: 'tlsca' });
  const tls = await tlsCa.enrolTlsServer(office.info.name);
  try {
    return await startFabricCaServer({ office, port, tls });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new PortInUseError({ port, node: `the CA of ${mspId}`, portSetting });
  }
}
