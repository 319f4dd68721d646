import { join } from 'node:path';
import { msp } from '@hyperledger/fabric-protos';
import { writePrivate, writePublic } from './crypto-files';
import { loadKey } from './key-pair';
import type { CertifiedKey, LoadedKey } from './key-pair';
import type { NodeRole } from './organization-msp';

/** The CA certificates of an organization. */
export interface OrganizationRoots {
  readonly mspId: string;
  readonly domain: string;
  readonly caCertificatePem: string;
  readonly tlsCaCertificatePem: string;
  /** Revocation lists (PEM), as an MSP folder has them under `crls`; default: none. */
  readonly revocationListPems?: readonly string[];
}

/** All roles, in the order of `config.yaml`. */
export const nodeRoles: readonly NodeRole[] = ['client', 'peer', 'admin', 'orderer'];

/** The FabricMSPConfig of an organization with NodeOUs, as the channel configuration wraps it. */
export function mspConfigOf(roots: OrganizationRoots): msp.MSPConfig {
  const ca = Buffer.from(roots.caCertificatePem, 'utf8');
  const crypto = new msp.FabricCryptoConfig();
  crypto.setSignatureHashFamily('SHA2');
  crypto.setIdentityIdentifierHashFunction('SHA256');
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(unit(ca, 'client'));
  units.setPeerOuIdentifier(unit(ca, 'peer'));
  units.setAdminOuIdentifier(unit(ca, 'admin'));
  units.setOrdererOuIdentifier(unit(ca, 'orderer'));
  const config = new msp.FabricMSPConfig();
  config.setName(roots.mspId);
  config.setRootCertsList([ca]);
  config.setRevocationListList((roots.revocationListPems ?? []).map((pem) => Buffer.from(pem)));
  config.setTlsRootCertsList([Buffer.from(roots.tlsCaCertificatePem, 'utf8')]);
  config.setCryptoConfig(crypto);
  config.setFabricNodeOus(units);
  const wrapped = new msp.MSPConfig();
  wrapped.setConfig(config.serializeBinary());
  return wrapped;
}

/**
 * Writes an MSP folder in Fabric's layout: cacerts, tlscacerts, config.yaml, and for someone who
 * signs, signcerts and keystore.
 */
export async function writeMspFolder(
  folder: string,
  content: { roots: OrganizationRoots; signer?: CertifiedKey & { name: string } },
): Promise<void> {
  const { roots, signer } = content;
  const caFile = join('cacerts', `ca.${roots.domain}-cert.pem`);
  const tlsCaFile = join('tlscacerts', `tlsca.${roots.domain}-cert.pem`);
  await Promise.all([
    writePublic({ path: join(folder, caFile), text: roots.caCertificatePem }),
    writePublic({ path: join(folder, tlsCaFile), text: roots.tlsCaCertificatePem }),
    writePublic({ path: join(folder, 'config.yaml'), text: nodeUnitsYaml(caFile) }),
    ...(signer ? signerWrites(folder, signer) : []),
  ]);
}

/** Reads the signer of an MSP folder. @throws CryptoStoreError naming the file at fault */
export async function loadMspSigner(folder: string, name: string): Promise<LoadedKey> {
  return loadKey(signerFiles(folder, name));
}

function signerWrites(folder: string, signer: CertifiedKey & { name: string }): Promise<void>[] {
  const files = signerFiles(folder, signer.name);
  return [
    writePublic({ path: files.certificateFile, text: signer.certificatePem }),
    writePrivate({ path: files.keyFile, text: signer.privateKeyPem }),
  ];
}

function signerFiles(folder: string, name: string): { certificateFile: string; keyFile: string } {
  return {
    certificateFile: join(folder, 'signcerts', `${name}-cert.pem`),
    keyFile: join(folder, 'keystore', 'priv_sk'),
  };
}

function unit(ca: Uint8Array, name: NodeRole): msp.FabricOUIdentifier {
  const identifier = new msp.FabricOUIdentifier();
  identifier.setCertificate(ca);
  identifier.setOrganizationalUnitIdentifier(name);
  return identifier;
}

function nodeUnitsYaml(caFile: string): string {
  const units = nodeRoles.map((role) => {
    const title = `${role.charAt(0).toUpperCase()}${role.slice(1)}OUIdentifier`;
    return [
      `  ${title}:`,
      `    Certificate: ${caFile}`,
      `    OrganizationalUnitIdentifier: ${role}`,
      '',
    ].join('\n');
  });
  return `NodeOUs:\n  Enable: true\n${units.join('')}`;
}
