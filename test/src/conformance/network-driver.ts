import type { Collection } from '@procurement/network/topology';
import type { ConnectionProfile } from './profile-connections';

/** The generation of Fabric whose answers a network gives. */
export type Compat = '2.5' | '3.1';

/** What a network may be unable to do; a case that needs it is skipped with the driver's reason. */
export type Capability =
  /** Its processes can be ended and started again. */
  | 'restart'
  /** A chaincode can get its next definition while the network runs. */
  | 'upgrade'
  /** Collections, transient data, private stores. */
  | 'private-data'
  /** The configuration of a channel can change. */
  | 'config-updates'
  /** The channel `second`. */
  | 'second-channel'
  /** The ordering service puts into blocks what only a validator refuses. */
  | 'ordering-of-anything'
  /** It also orders a second transaction of one id. */
  | 'ordering-of-duplicates'
  /** A gateway hands a transaction to one ordering node, and tells what that one answered. */
  | 'one-orderer-answers';

/** A certificate and its key, PEM; the key is PKCS#8. */
export interface Credentials {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A certificate that an organization's CA is asked for; nothing is checked. */
export interface CertificateRequest {
  readonly mspId: string;
  /** Common name. Default: `someone`. */
  readonly name?: string;
  /** Every OU of the subject. Default: `client`. */
  readonly units?: readonly string[];
  /** Fabric CA's attribute extension. Default: none. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Default: when the CA's own certificate begins, or five minutes ago where that is later. */
  readonly notBefore?: Date;
  /** Default: in a year. */
  readonly notAfter?: Date;
}

/** A chaincode of `test/fixtures` and how a channel defines it. */
export interface TestChaincode {
  readonly channel: string;
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Signature policy in the DSL; absent = the channel's `/Channel/Application/Endorsement`. */
  readonly endorsementPolicy?: string;
  readonly collections?: readonly Collection[];
  /** Default: no. */
  readonly initRequired?: boolean;
  /** Folder of the package below `test/fixtures`. */
  readonly fixture: 'probe' | 'raw';
  /** Organizations whose peers run it. */
  readonly mspIds: readonly string[];
}

/** A running network of the organizations, channels and chaincodes in `recorded-network.ts`. */
export interface NetworkDriver {
  /** How long a peer waits for a chaincode. */
  readonly executeTimeoutMs: number;
  /** The connection profile of an organization, with all peers and ordering nodes. */
  profile(mspId: string): Promise<ConnectionProfile>;
  /** PEM certificate of the CA that signs an organization's identities. */
  caCertificatePem(mspId: string): Promise<string>;
  /** Signs a certificate with the CA of an organization, for a new key. */
  issue(request: CertificateRequest): Promise<Credentials>;
  /** What the peer of an organization signs endorsements with. */
  peerCredentials(mspId: string): Promise<Credentials>;
  /** Defines a chaincode, or its next definition; resolves when every peer has committed it. */
  deploy(chaincode: TestChaincode): Promise<void>;
  /**
   * Ends all peers and ordering nodes and starts them again on the same data. Ports may be others
   * afterwards. Resolves when they answer and all chaincodes are ready.
   */
  restart(): Promise<void>;
  /** Ends everything that was started and removes what it wrote. */
  close(): Promise<void>;
}

/** A way to have a network for the suite; all but `start` is known before anything runs. */
export interface NetworkUnderTest {
  /** Stands in the titles of the tests. */
  readonly name: string;
  readonly compat: Compat;
  /** What it cannot do, with the reason that a skipped case prints. */
  readonly missing: Readonly<Partial<Record<Capability, string>>>;
  /** Starts the network with every chaincode of `recorded-network.ts` defined and ready. */
  start(): Promise<NetworkDriver>;
}
