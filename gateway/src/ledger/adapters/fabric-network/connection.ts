import type { ConnectionProfile } from '../../connection-profile';
import type { Creator, Sign } from '../../ledger.port';
import { LedgerUnreachable } from '../../stage-errors';
import type {
  Action,
  BlockType,
  DeliverMessage,
  Discovery,
  IdentityContext,
  ProposalAction,
  Remote,
  Sdk,
  SdkChannel,
  SdkGateway,
} from './sdk';

const DISCOVERY_REFRESH_MS = 5 * 60_000;
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/;

/** Signs what an action built, with the function that was handed in. */
export async function signAction(action: Action, built: Buffer, sign: Sign): Promise<void> {
  action.sign(Buffer.from(await sign(built)));
}

/** One organisation's view of the channel, by fabric-network's own objects. */
export class Connection {
  readonly channel: SdkChannel;
  readonly #sdk: Sdk;
  readonly #gateway: SdkGateway;
  readonly #profile: ConnectionProfile;
  readonly #timeoutMs: number;
  readonly #reconnecting = new Map<Remote, Promise<boolean>>();
  readonly #discoveries = new Map<string, Promise<Discovery>>();

  private constructor(parts: {
    sdk: Sdk;
    gateway: SdkGateway;
    channel: SdkChannel;
    profile: ConnectionProfile;
    timeoutMs: number;
  }) {
    this.channel = parts.channel;
    this.#sdk = parts.sdk;
    this.#gateway = parts.gateway;
    this.#profile = parts.profile;
    this.#timeoutMs = parts.timeoutMs;
  }

  /**
   * Loads the profile into a fabric-network gateway. The SDK's own discovery at this point would
   * sign by itself, so it is off here and done by {@link discovery} with the caller's signature.
   */
  static async open(options: {
    sdk: Sdk;
    profile: ConnectionProfile;
    channel: string;
    creator: Creator;
    timeoutMs: number;
  }): Promise<Connection> {
    const { sdk, profile, creator, timeoutMs } = options;
    const gateway = new sdk.Gateway();
    const user = userOf(sdk, creator);
    await gateway.connect(structuredClone(profile.document), {
      identity: { type: 'X.509', mspId: creator.mspId, credentials: {} },
      identityProvider: { type: 'X.509', getUserContext: () => Promise.resolve(user) },
      discovery: { enabled: false },
    });
    const channel = (await gateway.getNetwork(options.channel)).getChannel();
    return new Connection({ sdk, gateway, channel, profile, timeoutMs });
  }

  /** A fresh identity context: fabric-common keeps nonce and transaction id in it. */
  context(creator: Creator): IdentityContext {
    return this.channel.client.newIdentityContext(userOf(this.#sdk, creator));
  }

  /** The peers of the connection's own organisation. */
  ownPeers(): readonly [Remote, ...Remote[]] {
    const [first, ...others] = this.channel.client.getEndorsers(this.#profile.mspId);
    if (first === undefined) {
      throw new LedgerUnreachable({ message: `no peer of ${this.#profile.mspId} is known` });
    }
    return [first, ...others];
  }

  /**
   * Connects anew to a peer that did not answer, in the background: the SDK does so by itself only
   * before it endorses. One attempt at a time, as a second one would close the first one's.
   */
  reconnect(peer: Remote): void {
    const attempt = this.#reconnecting.get(peer) ?? peer.checkConnection();
    this.#reconnecting.set(peer, attempt);
    const forget = (): void => {
      this.#reconnecting.delete(peer);
    };
    attempt.then(forget, forget);
  }

  /** Orderers of the profile, or found by discovery. */
  orderers(): Remote[] {
    const discovered = this.channel.getCommitters();
    return discovered.length > 0 ? discovered : this.channel.client.getCommitters();
  }

  /** Peers, orderers and the endorsement plan of one chaincode; asked for once, then refreshed. */
  async discovery(endorsement: ProposalAction, chaincode: string, by: Caller): Promise<Discovery> {
    const known = this.#discoveries.get(chaincode);
    if (known !== undefined) {
      return known;
    }
    const found = this.#discover(endorsement, by);
    this.#discoveries.set(chaincode, found);
    found.catch(() => this.#discoveries.delete(chaincode));
    return found;
  }

  async #discover(endorsement: ProposalAction, by: Caller): Promise<Discovery> {
    const service = this.channel.newDiscoveryService('discovery');
    const built = service.build(this.context(by.creator), { endorsement });
    await signAction(service, built, by.sign);
    const targets = this.ownPeers().map((peer) => {
      const discoverer = this.channel.client.newDiscoverer(peer.name, peer.mspid);
      discoverer.setEndpoint(peer.endpoint);
      return discoverer;
    });
    await service.send({
      asLocalhost: this.#profile.peers.every((peer) => LOOPBACK.test(peer.address)),
      requestTimeout: this.#timeoutMs,
      refreshAge: DISCOVERY_REFRESH_MS,
      targets,
    });
    return service;
  }

  /**
   * Messages of one Deliver stream of the organisation's first peer, until it breaks.
   * @param request start block, as a number or `newest`
   */
  async *deliver(
    request: { from: bigint | 'newest'; blockType: BlockType; signal: AbortSignal },
    by: Caller,
  ): AsyncGenerator<DeliverMessage> {
    const [peer] = this.ownPeers();
    const service = this.channel.newEventService('blocks');
    const built = service.build(this.context(by.creator), {
      startBlock: request.from.toString(),
      blockType: request.blockType,
    });
    await signAction(service, built, by.sign);
    const eventer = this.channel.client.newEventer(peer.name, peer.mspid);
    eventer.setEndpoint(peer.endpoint);
    try {
      if (!(await eventer.checkConnection())) {
        throw new LedgerUnreachable({ message: `peer ${peer.name} is not connected` });
      }
      if (request.signal.aborted) {
        return;
      }
      const { stream } = eventer.setStreamByType(request.blockType);
      const cancel = (): void => {
        stream.cancel();
      };
      request.signal.addEventListener('abort', cancel, { once: true });
      stream.write(service.getSignedEnvelope());
      yield* stream;
    } finally {
      eventer.disconnect();
    }
  }

  /** Ends every connection of the organisation. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#reconnecting.values());
    for (const discovery of this.#discoveries.values()) {
      discovery.then((service) => {
        service.close();
      }, ignore);
    }
    this.#gateway.disconnect();
  }
}

/** Who asks, and how the request is signed. */
export interface Caller {
  readonly creator: Creator;
  readonly sign: Sign;
}

function ignore(): void {
  // A discovery that failed has nothing to close.
}

/** The methods of fabric-common's `User` that an identity context calls; it never signs. */
function userOf(sdk: Sdk, creator: Creator): unknown {
  const identity = new sdk.Identity(creator.certificate, undefined, creator.mspId);
  return {
    getName: () => creator.mspId,
    getMspid: () => creator.mspId,
    getIdentity: () => identity,
  };
}
