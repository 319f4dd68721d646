import type { Compat } from '../../topology';
import type { JoinedChannel, JoinedChannels } from './channel';
import { chaincodeCalls } from './chaincode/chaincode-call';
import type { CalledChaincode, ChaincodeCalls } from './chaincode/chaincode-call';
import { ChaincodeHost } from './chaincode/chaincode-host';
import { chaincodeEndpoint } from './chaincode/chaincode-endpoint';
import type { ChaincodeDefinition } from './commit/definitions';
import { LIFECYCLE } from './state/lifecycle-keys';
import { hashedKey } from './state/rwset-builder';
import { hashedNamespace } from './state/versioned-value';
import type { StateReader } from './state/versioned-value';
import { approvalName } from './system/lifecycle/approvals';
import { implicitCollection } from './system/lifecycle/lifecycle-state';
import type { InstalledPackage, PackageStore } from './system/lifecycle/package-store';
import type { PackageUse } from './system/lifecycle/package-functions';
import {
  mismatchesOf,
  parametersStructure,
  structureFieldKey,
} from './system/lifecycle/structures';
import type { OpaqueFields } from './system/lifecycle/structures';

/** A chaincode that a peer cannot run on a channel; the text is Fabric's. */
export class ChaincodeUnavailableError extends Error {
  override readonly name = 'ChaincodeUnavailableError';
}

/** A definition with the package that the peer runs for it. */
export interface RunnableChaincode {
  readonly definition: ChaincodeDefinition;
  readonly installed: InstalledPackage;
}

/** What was found for a chaincode, until the lifecycle or the packages change. */
interface Found {
  readonly changes: number;
  readonly packages: number;
  readonly outcome: RunnableChaincode | ChaincodeUnavailableError;
}

/**
 * The chaincodes that one peer can run: those whose definition its organization approved with a
 * package that is installed. A new definition, approval or package takes effect with the next
 * transaction. Source: core/chaincode/lifecycle/{cache,endorsement_info}.go.
 */
export class LocalChaincodes {
  readonly #mspId: string;
  readonly #packages: PackageStore;
  readonly #channels: JoinedChannels;
  readonly #calls: ChaincodeCalls;
  readonly #executeTimeoutMs: number | undefined;
  readonly #compat: Compat;
  readonly #hosts = new Map<string, ChaincodeHost>();
  readonly #found = new Map<string, Found>();
  #installs = 0;

  constructor(parts: {
    readonly mspId: string;
    readonly packages: PackageStore;
    readonly channels: JoinedChannels;
    readonly calls: Omit<Parameters<typeof chaincodeCalls>[0], 'find'>;
    /** Longest execution of one transaction; default 30 s. */
    readonly executeTimeoutMs: number | undefined;
    readonly compat: Compat;
  }) {
    this.#mspId = parts.mspId;
    this.#executeTimeoutMs = parts.executeTimeoutMs;
    this.#compat = parts.compat;
    this.#packages = parts.packages;
    this.#channels = parts.channels;
    this.#calls = chaincodeCalls({
      ...parts.calls,
      find: (channelId, name) => this.#calledOn(channelId, name),
    });
    parts.packages.onInstall(() => {
      this.#installs += 1;
    });
  }

  /**
   * What the peer runs for a chaincode of a channel.
   * @throws ChaincodeUnavailableError
   */
  find(channel: JoinedChannel, name: string): RunnableChaincode {
    const outcome = this.#lookUp(channel, name);
    if (outcome instanceof ChaincodeUnavailableError) throw outcome;
    return outcome;
  }

  /** Whether the peer runs a chaincode of a channel. */
  has(channel: JoinedChannel, name: string): boolean {
    return !(this.#lookUp(channel, name) instanceof ChaincodeUnavailableError);
  }

  /** The chaincodes of a channel that the peer runs. */
  async list(channel: JoinedChannel): Promise<readonly RunnableChaincode[]> {
    const names = await channel.definitions.names(channel.ledger.state);
    return names.flatMap((name) => {
      const outcome = this.#lookUp(channel, name);
      return outcome instanceof ChaincodeUnavailableError ? [] : [outcome];
    });
  }

  /** What the packages of the peer are used for. */
  async uses(): Promise<readonly PackageUse[]> {
    const uses: PackageUse[] = [];
    for (const channel of this.#channels.values()) {
      for (const { definition, installed } of await this.list(channel)) {
        const { name, version } = definition;
        const { packageId } = installed;
        uses.push({ packageId, channel: channel.channelId, name, version });
      }
    }
    return uses;
  }

  /**
   * The connection to the process of a chaincode; it is made when first needed.
   * @throws ChaincodeUnavailableError
   */
  host(channel: JoinedChannel, name: string): ChaincodeHost {
    return this.runner(channel, name).host;
  }

  /** A chaincode of a channel with the connection to its process. @throws as `host` */
  runner(
    channel: JoinedChannel,
    name: string,
  ): { definition: ChaincodeDefinition; host: ChaincodeHost } {
    const { definition, installed } = this.find(channel, name);
    return { definition, host: this.#hostOf(installed) };
  }
  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((host) => host.close()));
  }

  #hostOf({ packageId, connection }: InstalledPackage): ChaincodeHost {
    const known = this.#hosts.get(packageId);
    if (known) return known;
    const endpoint = chaincodeEndpoint(packageId, connection);
    const host = new ChaincodeHost({
      ...endpoint,
      calls: this.#calls,
      executeTimeoutMs: this.#executeTimeoutMs,
      compat: this.#compat,
    });
    this.#hosts.set(packageId, host);
    return host;
  }

  #calledOn(channelId: string, name: string): CalledChaincode {
    const channel = this.#channels.get(channelId);
    if (!channel) throw new ChaincodeUnavailableError(`chaincode ${name} not found`);
    return this.runner(channel, name);
  }

  #lookUp(channel: JoinedChannel, name: string): RunnableChaincode | ChaincodeUnavailableError {
    const key = JSON.stringify([channel.channelId, name]);
    const { lifecycleChanges: changes } = channel.ledger;
    const known = this.#found.get(key);
    if (known?.changes === changes && known.packages === this.#installs) return known.outcome;
    const outcome = this.#resolve(channel, name);
    const found = { changes, packages: this.#installs, outcome };
    // Names come from clients, so only those that exist are kept.
    if (!(outcome instanceof ChaincodeUnavailableError)) this.#found.set(key, found);
    return outcome;
  }

  #resolve(channel: JoinedChannel, name: string): RunnableChaincode | ChaincodeUnavailableError {
    const { channelId, ledger, definitions } = channel;
    const definition = name === LIFECYCLE ? undefined : definitions.find(ledger.state, name);
    if (!definition) return new ChaincodeUnavailableError(`chaincode ${name} not found`);
    const approved = hashesIn(ledger.state, this.#mspId);
    const privateName = approvalName(definition);
    const approval = { area: 'namespaces', name: privateName } as const;
    if (mismatchesOf(approved, approval, parametersStructure(definition)).length > 0) {
      return new ChaincodeUnavailableError(
        `chaincode definition for '${name}' at sequence ${String(definition.sequence)} on ` +
          `channel '${channelId}' has not yet been approved by this org`,
      );
    }
    const source = { area: 'chaincode-sources', name: privateName } as const;
    const hash = approved.hash(structureFieldKey(source, 'PackageID'));
    const installed = hash && this.#packages.findByHash(hash);
    if (installed) return { definition, installed };
    return new ChaincodeUnavailableError(
      `chaincode definition for '${name}' exists, but chaincode is not installed`,
    );
  }
}

/** The approvals of an organization as the ledger has them. */
function hashesIn(state: StateReader, mspId: string): OpaqueFields {
  const namespace = hashedNamespace(LIFECYCLE, implicitCollection(mspId));
  return { hash: (key) => state.get(namespace, hashedKey(key))?.value };
}
