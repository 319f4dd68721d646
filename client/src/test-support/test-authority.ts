/** Organisations with CAs of their own, and what their peers would endorse. */
import 'reflect-metadata';
import { Extension, X509CertificateGenerator } from '@peculiar/x509';
import { concatBytes, type Organization, utf8 } from '@procurement/protocol';
import { Header, Payload } from '@hyperledger/fabric-protos/lib/common/common_pb';
import {
  KVRead,
  KVRWSet,
  KVWrite,
  Version,
} from '@hyperledger/fabric-protos/lib/ledger/rwset/kvrwset/kv_rwset_pb';
import {
  NsReadWriteSet,
  TxReadWriteSet,
} from '@hyperledger/fabric-protos/lib/ledger/rwset/rwset_pb';
import { ChaincodeID } from '@hyperledger/fabric-protos/lib/peer/chaincode_pb';
import { ChaincodeAction } from '@hyperledger/fabric-protos/lib/peer/proposal_pb';
import {
  Endorsement,
  ProposalResponsePayload,
  Response,
} from '@hyperledger/fabric-protos/lib/peer/proposal_response_pb';
import {
  ChaincodeActionPayload,
  ChaincodeEndorsedAction,
  Transaction,
  TransactionAction,
} from '@hyperledger/fabric-protos/lib/peer/transaction_pb';
import {
  creatorBytes,
  readProposal,
  type ReadRead,
  sha256Of,
  type WriteRead,
} from '@procurement/protocol/fabric';
import type { NodeRole, PinnedRoots } from '../signing/roots';
import {
  type CryptoKey,
  type KeyPair,
  newKeyPair,
  newSigner,
  type Signer,
} from '../signing/signer';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const ATTRIBUTES_OID = '1.2.3.4.5.6.7.8.1';
const NOT_BEFORE = new Date('2026-01-01T00:00:00Z');
const NOT_AFTER = new Date('2036-01-01T00:00:00Z');
const ONE_WRITE: WriteRead = { key: 'key', value: Uint8Array.of(1) };

/** An organisation's CA. */
export class TestAuthority {
  readonly mspId: string;
  readonly rootPem: string;
  readonly #keys: KeyPair;
  #serial = 1;

  private constructor(mspId: string, rootPem: string, keys: KeyPair) {
    this.mspId = mspId;
    this.rootPem = rootPem;
    this.#keys = keys;
  }

  static async create(mspId: string): Promise<TestAuthority> {
    const keys = await newKeyPair({ extractable: true });
    const root = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `O=${mspId}, CN=ca.${mspId}`,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      keys,
      signingAlgorithm: ALGORITHM,
    });
    return new TestAuthority(mspId, root.toString('pem'), keys);
  }

  /** A certificate of this CA for a new key. */
  async issue(
    name: string,
    role: NodeRole,
    attributes: Readonly<Record<string, string>> = {},
  ): Promise<Signer> {
    const keys = await newKeyPair({ extractable: false });
    const certificate = await this.certify({ name, role, publicKey: keys.publicKey, attributes });
    return newSigner({ mspId: this.mspId, certificate }, keys.privateKey);
  }

  /** A certificate of this CA for somebody's key, PEM. */
  async certify(holder: {
    readonly name: string;
    readonly role: NodeRole;
    readonly publicKey: CryptoKey;
    readonly notAfter?: Date;
    /** Attributes as Fabric CA writes them. */
    readonly attributes?: Readonly<Record<string, string>>;
  }): Promise<string> {
    this.#serial += 1;
    const { name, role, publicKey, notAfter = NOT_AFTER, attributes } = holder;
    const written = utf8(JSON.stringify({ attrs: attributes ?? {} }));
    const certificate = await X509CertificateGenerator.create({
      serialNumber: this.#serial.toString(16).padStart(4, '0'),
      subject: `OU=${role}, CN=${name}`,
      issuer: `O=${this.mspId}, CN=ca.${this.mspId}`,
      notBefore: NOT_BEFORE,
      notAfter,
      publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new Extension(ATTRIBUTES_OID, false, new Uint8Array(written))],
    });
    return certificate.toString('pem');
  }
}

/** The three organisations, each with a peer, and their pinned roots. */
export interface TestWorld {
  readonly authorities: Readonly<Record<Organization, TestAuthority>>;
  readonly peers: Readonly<Record<Organization, Signer>>;
  readonly roots: PinnedRoots;
}

/** A new world. */
export async function newTestWorld(): Promise<TestWorld> {
  const make = (mspId: Organization): Promise<TestAuthority> => TestAuthority.create(mspId);
  const authorities = {
    MinistryMSP: await make('MinistryMSP'),
    VendorMSP: await make('VendorMSP'),
    AuditorMSP: await make('AuditorMSP'),
  };
  const peers = {
    MinistryMSP: await authorities.MinistryMSP.issue('peer0', 'peer'),
    VendorMSP: await authorities.VendorMSP.issue('peer0', 'peer'),
    AuditorMSP: await authorities.AuditorMSP.issue('peer0', 'peer'),
  };
  const roots = Object.fromEntries(
    Object.entries(authorities).map(([mspId, { rootPem }]) => [mspId, [rootPem]]),
  );
  return { authorities, peers, roots };
}

/** What a test changes in an endorsed transaction. */
export interface EndorsedChanges {
  readonly status?: number;
  readonly chaincode?: string;
  readonly namespaces?: readonly string[];
  readonly hash?: Uint8Array;
  readonly actions?: number;
  readonly actionHeader?: Uint8Array;
  readonly payload?: Uint8Array;
  readonly signedBy?: (peer: Signer) => Signer;
  /** What the chaincode answered, `{}` by default. */
  readonly answer?: Uint8Array;
  /** What was read; nothing by default. */
  readonly reads?: readonly ReadRead[];
  /** What is written; one key by default. */
  readonly writes?: readonly WriteRead[];
}

/** Serialised `common.Payload` of a proposal that these peers endorsed with one write. */
export async function endorse(
  proposalBytes: Uint8Array,
  peers: readonly Signer[],
  changes: EndorsedChanges = {},
): Promise<Uint8Array> {
  const proposal = await readProposal(proposalBytes);
  const { channelHeader, signatureHeader, payload, chaincode } = proposal;
  const hash = changes.hash ?? (await sha256Of(channelHeader, signatureHeader, payload));
  const response = responsePayload({ hash, chaincode, changes });
  const endorsed = new ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response);
  for (const peer of peers) {
    const endorser = creatorBytes(peer);
    const endorsement = new Endorsement();
    endorsement.setEndorser(endorser);
    const signer = changes.signedBy?.(peer) ?? peer;
    endorsement.setSignature(await signer.sign(concatBytes(response, endorser)));
    endorsed.addEndorsements(endorsement);
  }
  const actionPayload = new ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(changes.payload ?? payload);
  actionPayload.setAction(endorsed);
  const action = new TransactionAction();
  action.setHeader(changes.actionHeader ?? signatureHeader);
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new Transaction();
  transaction.setActionsList(Array.from({ length: changes.actions ?? 1 }, () => action));
  const header = new Header();
  header.setChannelHeader(channelHeader);
  header.setSignatureHeader(signatureHeader);
  const whole = new Payload();
  whole.setHeader(header);
  whole.setData(transaction.serializeBinary());
  return whole.serializeBinary();
}

function responsePayload(parts: {
  readonly hash: Uint8Array;
  readonly chaincode: string;
  readonly changes: EndorsedChanges;
}): Uint8Array {
  const { hash, chaincode, changes } = parts;
  const sets = new TxReadWriteSet();
  for (const namespace of changes.namespaces ?? [chaincode]) {
    const set = new NsReadWriteSet();
    set.setNamespace(namespace);
    set.setRwset(keySet(changes).serializeBinary());
    sets.addNsRwset(set);
  }
  const response = new Response();
  response.setStatus(changes.status ?? 200);
  response.setPayload(changes.answer ?? utf8('{}'));
  const id = new ChaincodeID();
  id.setName(changes.chaincode ?? chaincode);
  id.setVersion('1.0');
  const action = new ChaincodeAction();
  action.setResults(sets.serializeBinary());
  action.setResponse(response);
  action.setChaincodeId(id);
  const payload = new ProposalResponsePayload();
  payload.setProposalHash(hash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

function keySet({ reads = [], writes = [ONE_WRITE] }: EndorsedChanges): KVRWSet {
  const set = new KVRWSet();
  for (const { key, version } of reads) {
    const read = new KVRead();
    read.setKey(key);
    if (version !== undefined) {
      const written = new Version();
      written.setBlockNum(version.block);
      written.setTxNum(version.index);
      read.setVersion(written);
    }
    set.addReads(read);
  }
  for (const { key, value } of writes) {
    const write = new KVWrite();
    write.setKey(key);
    write.setValue(value);
    set.addWrites(write);
  }
  return set;
}
