import type { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../topology';
import type { NodeCrypto } from '../../certificates/crypto-store';
import { checkAccess } from './endorse/access-control';
import { Endorser } from './endorse/endorser';
import { unpackProposal } from './endorse/proposal';
import type { LocalMsp } from './identity/local-msp';
import { LocalChaincodes } from './local-chaincodes';
import { PeerChannel } from './peer-channel';
import type { ChannelOwner, PeerChannelParts } from './peer-channel';
import type { Clock } from './seams';
import { LIFECYCLE } from './state/lifecycle-keys';
import { channelQueries } from './system/channel-queries';
import { legacyQueries } from './system/legacy-queries';
import { ledgerQueries } from './system/ledger-queries';
import { lifecycleChaincode } from './system/lifecycle/lifecycle-chaincode';
import type { PackageStore } from './system/lifecycle/package-store';
import { signedDatumOf } from './system/system-chaincode';
import type { SystemChaincode } from './system/system-chaincode';
import { CallSlots } from './wire/concurrency-limits';
import type { ConcurrencyLimits } from './wire/concurrency-limits';

/** What a peer is made of. */
export interface PeerParts {
  readonly crypto: NodeCrypto;
  /** The MSP of its organization as its own folder has it. */
  readonly localMsp: LocalMsp;
  /** The chaincode packages that are installed. */
  readonly packages: PackageStore;
  readonly clock: Clock;
  readonly compat: Compat;
  /** Longest execution of one transaction; default 30 s. */
  readonly executeTimeoutMs: number | undefined;
  readonly limits: ConcurrencyLimits;
}

/** One organization's peer: its channels and its endorser. */
export class Peer implements ChannelOwner {
  readonly mspId: string;
  readonly host: string;
  readonly chaincodes: LocalChaincodes;
  /** The calls of its endorser service, those of other peers' gateways included. */
  readonly endorserSlots: CallSlots;
  readonly #parts: PeerParts;
  readonly #channels = new Map<string, PeerChannel>();
  readonly #systemChaincodes: ReadonlyMap<string, SystemChaincode>;
  readonly #endorser: Endorser;
  #port = 0;
  #proposalsUnderWay = 0;

  constructor(parts: PeerParts) {
    const { crypto, clock, compat, localMsp } = parts;
    this.#parts = parts;
    this.mspId = crypto.identity.mspId;
    this.host = crypto.host;
    this.endorserSlots = new CallSlots({
      service: '/protos.Endorser',
      limit: parts.limits.endorserService,
    });
    this.chaincodes = this.#makeChaincodes();
    this.#systemChaincodes = this.#makeSystemChaincodes();
    this.#endorser = new Endorser({
      identity: crypto.identity,
      channels: this.channels,
      localMsp,
      systemChaincodes: this.#systemChaincodes,
      clock,
      compat,
    });
  }

  /**
   * Opens the ledger of a channel and answers for it from now on.
   * @throws LedgerCorruptError, LedgerLockedError
   */
  async join(parts: Omit<PeerChannelParts, 'owner'>): Promise<PeerChannel> {
    const channel = await PeerChannel.open({ ...parts, owner: this });
    this.#channels.set(channel.channelId, channel);
    return channel;
  }

  /** The channels that it has joined, by name. */
  get channels(): ReadonlyMap<string, PeerChannel> {
    return this.#channels;
  }

  /** `host:port` that other nodes know it by. */
  get address(): string {
    return `${this.host}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** The MSP of its organization as its own folder has it. */
  get localMsp(): LocalMsp {
    return this.#parts.localMsp;
  }

  /** msp.SerializedIdentity bytes. */
  get serializedIdentity(): Uint8Array {
    return this.#parts.crypto.identity.serialized;
  }

  /** Told once the server listens. */
  listensOn(port: number): void {
    this.#port = port;
  }

  get compat(): Compat {
    return this.#parts.compat;
  }

  get limits(): ConcurrencyLimits {
    return this.#parts.limits;
  }

  get filtersLocalCalls(): boolean {
    return this.compat !== '2.5';
  }

  hasSystemChaincode(name: string): boolean {
    return this.#systemChaincodes.has(name);
  }

  async processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
    this.#proposalsUnderWay += 1;
    try {
      return await this.#endorser.processProposal(signed);
    } finally {
      this.#proposalsUnderWay -= 1;
    }
  }

  /** Whether it processes no proposal and has no block of a channel of this height to commit. */
  isIdle(channel: string, height: number): boolean {
    return (
      this.#proposalsUnderWay === 0 && (this.channels.get(channel)?.height ?? height) === height
    );
  }

  checkFilters(signed: peer.SignedProposal): void {
    this.#endorser.checkFilters(signed);
  }

  /** Lets everybody go who waits for a transaction. */
  dismissWaiters(): void {
    for (const channel of this.channels.values()) channel.dismissWaiters();
  }

  async close(): Promise<void> {
    await this.chaincodes.close();
    await Promise.all([...this.channels.values()].map((channel) => channel.close()));
  }

  #makeChaincodes(): LocalChaincodes {
    const { mspId, channels } = this;
    return new LocalChaincodes({
      mspId,
      channels,
      packages: this.#parts.packages,
      executeTimeoutMs: this.#parts.executeTimeoutMs,
      compat: this.#parts.compat,
      calls: {
        simulator: (channelId, txId) => channels.get(channelId)?.runner.simulator(txId),
        authorize: (channelId, proposal) => {
          const signed = signedDatumOf(unpackProposal(proposal));
          const channel = channels.get(channelId)?.config;
          checkAccess({ resource: 'peer/ChaincodeToChaincode', channelId, channel, signed });
        },
      },
    });
  }

  #makeSystemChaincodes(): ReadonlyMap<string, SystemChaincode> {
    const { packages, localMsp, compat } = this.#parts;
    const { channels } = this;
    const uses = () => this.chaincodes.uses();
    return new Map([
      ['qscc', ledgerQueries({ channels })],
      ['cscc', channelQueries({ channels, localMsp })],
      ['lscc', legacyQueries({ channels, compat })],
      [LIFECYCLE, lifecycleChaincode({ channels, localMsp, packages, compat, uses })],
    ]);
  }
}
