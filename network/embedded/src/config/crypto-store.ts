import type { msp } from '@hyperledger/fabric-protos';
import type { Topology, User } from '../../../topology';
import type { SigningIdentity } from '../identity/signing-identity';

/** A crypto folder that cannot be used; the message is one sentence naming the file. */
export class CryptoStoreError extends Error {
  override readonly name = 'CryptoStoreError';
}

/** What a TLS server needs; all PEM. */
export interface TlsMaterial {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Root of the organization's TLS CA. */
  readonly rootCertificatePem: string;
}

/** A peer or the ordering node. */
export interface NodeCrypto {
  /** Host name, as in the TLS certificate (which also holds localhost and 127.0.0.1). */
  readonly host: string;
  readonly identity: SigningIdentity;
  readonly tls: TlsMaterial;
}

/** The material of one organization. */
export interface OrganizationCrypto {
  readonly mspId: string;
  readonly domain: string;
  readonly mspConfig: msp.MSPConfig;
  readonly tlsRootCertificatePem: string;
  readonly peer: NodeCrypto;
  /** `Admin@<domain>`, with the admin OU: signs the chaincode definitions. */
  readonly admin: SigningIdentity;
}

/** Where the servers listen once they do. */
export interface NetworkEndpoints {
  readonly orderer: { readonly port: number };
  /** By MSP id. */
  readonly peers: ReadonlyMap<string, { readonly port: number }>;
}

/** The keys and certificates of a network, kept in a folder. */
export interface CryptoStore {
  readonly organizations: ReadonlyMap<string, OrganizationCrypto>;
  readonly orderer: NodeCrypto;
  /** Path of the wallet folder. */
  readonly walletFolder: string;
  /** @throws CryptoStoreError when the MSP is unknown */
  organization(mspId: string): OrganizationCrypto;
  /**
   * Enrols a user (or gives the one already enrolled under that name) and writes its wallet file.
   * @returns its signing identity and the path of the wallet file
   */
  issueUser(mspId: string, user: User): Promise<{ identity: SigningIdentity; walletFile: string }>;
  /** Writes profiles/<MSPID>.json for each organization. @returns paths by MSP id */
  writeProfiles(endpoints: NetworkEndpoints): Promise<ReadonlyMap<string, string>>;
}

/**
 * Makes the crypto material of a network in a folder, or loads what an earlier start made there.
 * @throws CryptoStoreError when a file is missing, unreadable or of another topology
 */
export declare function createOrLoadCrypto(parts: {
  topology: Topology;
  folder: string;
}): Promise<CryptoStore>;
