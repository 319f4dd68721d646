import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { organizationOf } from '../../../topology';
import { homeFolder } from '../../../certificates/crypto-layout';
import { createOrLoadCrypto } from '../../../certificates/crypto-store';
import type { CryptoStore } from '../../../certificates/crypto-store';
import { issueCertificate } from '../../../certificates/issue-certificate';
import { generateKey, loadKey } from '../../../certificates/key-pair';
import { createSigningIdentity } from '../../../certificates/signing-identity';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import type { EmbeddedNetwork } from '../network';
import type { PeerConnection, TestNetwork } from '../test-network';
import type { RawProposal } from '../../../messages/proposal';
import { seekEnvelope, statusName } from '../../../messages/seek';
import type { Seek } from '../../../messages/seek';
import { endorsementBy, newTransaction } from '../../../messages/transaction';
import type { TransactionParts } from '../../../messages/transaction';
import { newAssetProposal } from './asset-proposal.test-support';
import type { AssetCall } from './asset-proposal.test-support';

/** A certificate that the CA would not issue. */
export interface OddCertificate {
  readonly units?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** What an orderer answers to a message. */
export interface Broadcast {
  readonly status: number;
  readonly info: string;
}

/** A request for blocks; of the first channel of the topology unless said otherwise. */
export type RawSeek = Omit<Seek, 'channel'> & Partial<Pick<Seek, 'channel'>>;

type Deliver = ClientDuplexStream<common.Envelope, peer.DeliverResponse>;

/** A network as clients see it, in this process or in another. */
export interface RawTarget {
  readonly folder: string;
  readonly network: Pick<EmbeddedNetwork, 'topology' | 'endpoints' | 'heightOf'>;
  connection(mspId: string): Promise<PeerConnection>;
}

/** Clients of a running network that send whatever they are told to. */
export class RawClients<Target extends RawTarget = TestNetwork> {
  readonly network: Target;
  readonly crypto: CryptoStore;
  readonly #open = new Map<unknown, Map<string, { close(): void }>>();
  readonly #endorsers = new Map<string, peer.EndorserClient>();

  private constructor(network: Target, crypto: CryptoStore) {
    this.network = network;
    this.crypto = crypto;
  }

  static async of<Target extends RawTarget>(network: Target): Promise<RawClients<Target>> {
    const { topology } = network.network;
    const crypto = await createOrLoadCrypto({ topology, folder: network.folder });
    const clients = new RawClients(network, crypto);
    for (const { mspId } of topology.organizations) {
      clients.#endorsers.set(mspId, await clients.#connect(mspId, peer.EndorserClient));
    }
    return clients;
  }

  close(): void {
    for (const byAddress of this.#open.values()) {
      for (const client of byAddress.values()) client.close();
    }
  }

  /** A user of the wallet. */
  async user(name: string): Promise<SigningIdentity> {
    for (const { mspId, users } of this.network.network.topology.organizations) {
      const found = users.find((one) => one.name === name);
      if (found) return (await this.crypto.issueUser(mspId, found)).identity;
    }
    throw new Error(`no user ${name}`);
  }

  /** The identity of an organization's peer. */
  peer(mspId: string): SigningIdentity {
    return this.crypto.peer(mspId).identity;
  }

  /** An identity of the organization's own CA that breaks a rule. */
  async oddIdentity(mspId: string, odd: OddCertificate): Promise<SigningIdentity> {
    const organization = organizationOf(this.network.network.topology, mspId);
    const { domain } = organization;
    const folder = join(homeFolder(join(this.network.folder, 'organizations'), organization), 'ca');
    const certificateFile = join(folder, `ca.${domain}-cert.pem`);
    const ca = await loadKey({ certificateFile, keyFile: join(folder, 'priv_sk') });
    const { publicKey, privateKey } = generateKey();
    const certificatePem = await issueCertificate({
      subject: [...(odd.units ?? ['client']).map((unit) => ({ OU: [unit] })), { CN: ['odd'] }],
      issuer: [{ O: [domain] }, { CN: [`ca.${domain}`] }],
      publicKey,
      signingKey: ca.privateKey,
      notBefore: odd.notBefore ?? new Date(),
      notAfter: odd.notAfter ?? new Date('2100-01-01'),
      extensions: [],
    });
    return createSigningIdentity({ mspId, certificatePem, privateKey });
  }

  /** A client whose certificate was good for two seconds, some minutes ago. */
  async expiredIdentity(mspId: string): Promise<SigningIdentity> {
    // Certificates are backdated, and none may be older than its CA; the peer's is not.
    const { validFrom } = new X509Certificate(this.peer(mspId).certificatePem);
    const notBefore = new Date(validFrom);
    return this.oddIdentity(mspId, { notBefore, notAfter: new Date(notBefore.getTime() + 2000) });
  }

  /** Asks a peer to endorse. Rejects with the peer's ServiceError. */
  propose(mspId: string, signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
    return new Promise((resolve, reject) => {
      this.#endorsers.get(mspId)?.processProposal(signed, (error, answer) => {
        if (error) reject(error);
        else resolve(answer!);
      });
    });
  }

  /** A transaction endorsed by these organizations' peers, in this order. */
  async endorsed(parts: AssetCall, mspIds: readonly string[]): Promise<common.Envelope> {
    const proposal = newAssetProposal(parts);
    return this.assemble(proposal, await this.responses(proposal, mspIds));
  }

  async responses(
    { signed }: RawProposal,
    mspIds: readonly string[],
  ): Promise<peer.ProposalResponse[]> {
    return Promise.all(mspIds.map((mspId) => this.propose(mspId, signed)));
  }

  assemble(proposal: RawProposal, responses: readonly peer.ProposalResponse[]): common.Envelope {
    return newTransaction({
      proposal,
      payload: responses[0]!.getPayload_asU8(),
      endorsements: responses.map((one) => one.getEndorsement()!),
    });
  }

  /** A transaction that the ministry's peer ran and that these identities signed, in this order. */
  async forged(
    parts: AssetCall,
    endorsers: readonly SigningIdentity[] = [this.peer('AuditorMSP'), this.peer('MinistryMSP')],
    change: (payload: Uint8Array) => Uint8Array = (payload) => payload,
    changes: Partial<TransactionParts> = {},
  ): Promise<common.Envelope> {
    const proposal = newAssetProposal(parts);
    const [response] = await this.responses(proposal, ['MinistryMSP']);
    const payload = change(response!.getPayload_asU8());
    const endorsements = endorsers.map((one) => endorsementBy(one, payload));
    return newTransaction({ proposal, payload, endorsements, ...changes });
  }

  /** Sends messages on one stream; ends at the first refusal. */
  async broadcast(...envelopes: common.Envelope[]): Promise<Broadcast[]> {
    const client = await this.#connectOrderer();
    const stream = client.broadcast();
    const answers: Broadcast[] = [];
    for (const envelope of envelopes) stream.write(envelope);
    for await (const answer of stream as AsyncIterable<orderer.BroadcastResponse>) {
      answers.push({ status: answer.getStatus(), info: answer.getInfo() });
      if (answers.length === envelopes.length) stream.end();
    }
    return answers;
  }

  /** Orders transactions and waits for them. @returns their codes, in the order given */
  async codesOf(...envelopes: common.Envelope[]): Promise<number[]> {
    return (await this.commit(...envelopes)).map(({ code }) => code);
  }

  /** Orders transactions on one stream. @returns what the ministry's peer said and where */
  async commit(...envelopes: common.Envelope[]): Promise<{ code: number; block: number }[]> {
    const start = this.network.network.heightOf('MinistryMSP');
    const refused = (await this.broadcast(...envelopes)).find(({ status }) => status !== 200);
    if (refused) throw new Error(`not ordered: ${refused.info}`);
    const found: { code: number; block: number }[] = [];
    const wanted = envelopes.map((one) => Buffer.from(one.serializeBinary()).toString('base64'));
    const signer = await this.user('tashi');
    const stop = Number.MAX_SAFE_INTEGER;
    for await (const answer of this.deliver({ signer, start, stop })) {
      const block = answer.getBlock()!;
      const codes = block.getMetadata()!.getMetadataList_asU8()[2]!;
      block
        .getData()!
        .getDataList_asU8()
        .forEach((bytes, at) => {
          const index = wanted.indexOf(Buffer.from(bytes).toString('base64'));
          // Equal bytes may be sent twice, each with a code of its own.
          wanted[index] = '';
          found[index] = { code: codes[at]!, block: block.getHeader()!.getNumber() };
        });
      if (wanted.every((one) => one === '')) return found;
    }
    throw new Error('the blocks ended');
  }

  /** Messages of a peer's Deliver service, up to a status. */
  async *deliver(
    seek: RawSeek,
    mspId = 'MinistryMSP',
    kind: 'deliver' | 'deliverFiltered' | 'deliverWithPrivateData' = 'deliver',
  ): AsyncGenerator<peer.DeliverResponse> {
    const client = await this.#connect(mspId, peer.DeliverClient);
    const stream: Deliver = client[kind]();
    stream.on('error', () => undefined);
    stream.write(this.seekEnvelope(seek));
    try {
      for await (const answer of stream as AsyncIterable<peer.DeliverResponse>) {
        yield answer;
        if (answer.hasStatus()) return;
      }
    } finally {
      stream.cancel();
    }
  }

  /** Status or number of every message that a request for blocks is answered with. */
  async delivered(seek: RawSeek, mspId?: string): Promise<string[]> {
    const seen: string[] = [];
    for await (const answer of this.deliver(seek, mspId)) {
      const block = answer.getBlock();
      if (block) seen.push(`block ${String(block.getHeader()?.getNumber())}`);
      else seen.push(statusName(answer.getStatus()));
    }
    return seen;
  }

  seekEnvelope(seek: RawSeek): common.Envelope {
    return seekEnvelope({ channel: this.network.network.topology.channel, ...seek });
  }

  async #connect<Client extends { close(): void }>(
    mspId: string,
    Type: ClientClass<Client>,
  ): Promise<Client> {
    const { address, hostName, tlsRootCertificatePem } = await this.network.connection(mspId);
    return this.#make(Type, { address, hostName, rootPem: tlsRootCertificatePem });
  }

  #connectOrderer(): Promise<orderer.AtomicBroadcastClient> {
    const { host, tls } = this.crypto.orderer;
    const { port } = this.network.network.endpoints.orderer;
    const place = { address: `127.0.0.1:${String(port)}`, hostName: host };
    const rootPem = tls.rootCertificatePem;
    return Promise.resolve(this.#make(orderer.AtomicBroadcastClient, { ...place, rootPem }));
  }

  #make<Client extends { close(): void }>(
    Type: ClientClass<Client>,
    place: { address: string; hostName: string; rootPem: string },
  ): Client {
    const byAddress = this.#open.get(Type) ?? new Map<string, { close(): void }>();
    this.#open.set(Type, byAddress);
    const known = byAddress.get(place.address);
    if (known) return known as Client;
    const client = new Type(place.address, credentials.createSsl(Buffer.from(place.rootPem)), {
      'grpc.ssl_target_name_override': place.hostName,
      'grpc.max_send_message_length': -1,
    });
    byAddress.set(place.address, client);
    return client;
  }
}

type ClientClass<Client> = new (
  address: string,
  secured: ReturnType<typeof credentials.createSsl>,
  options: object,
) => Client;

/** What a refused call was refused with. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ code: number; details: string }> {
  try {
    await call;
  } catch (error) {
    const { code, details } = error as { code: number; details: string };
    return { code, details };
  }
  throw new Error('nothing was refused');
}
