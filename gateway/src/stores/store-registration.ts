import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { storePossessionMessage } from '@procurement/protocol';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Identities } from '../identity/identities';
import { CommandService } from '../transactions/command.service';
import { QueryService } from '../transactions/query.service';
import { STORE } from './open-store';
import type { Store } from './open-store';

/** Pause before another attempt: at a common start the chaincode may come after the gateway. */
const RETRY_MS = 1_000;

/** Addresses that every machine has, and that name none. */
const EVERYWHERE: readonly string[] = ['0.0.0.0', '::'];

/** Puts the gateway's store, and where it is reached, into the ledger's register. */
@Injectable()
export class StoreRegistration implements OnApplicationShutdown {
  readonly #logger = new Logger(StoreRegistration.name);
  readonly #ending = new AbortController();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(STORE) private readonly store: Store,
    private readonly identities: Identities,
    private readonly queries: QueryService,
    private readonly commands: CommandService,
  ) {}

  onApplicationShutdown(): void {
    this.#ending.abort();
  }

  /**
   * Registers the store, trying until the ledger has it or the gateway ends. Never throws.
   * @param listening where the gateway listens: its address, unless the settings name another
   */
  async begin(listening: string): Promise<void> {
    const { publicUrl, httpHost } = this.settings;
    if (publicUrl === undefined && EVERYWHERE.includes(httpHost)) {
      this.#logger.error(
        'the store is not registered: PROCUREMENT_PUBLIC_URL has to say where it is',
      );
      return;
    }
    await this.#registerWith(publicUrl ?? listening);
  }

  async #registerWith(url: string): Promise<void> {
    while (!this.#hasEnded()) {
      try {
        await this.#register(url);
        return;
      } catch (error) {
        if (this.#hasEnded()) return;
        const why = error instanceof Error ? error.message : String(error);
        this.#logger.warn(`the store is not registered yet: ${why}`);
        const { signal } = this.#ending;
        await delay(RETRY_MS, undefined, { signal, ref: false }).catch(ignoreEnd);
      }
    }
  }

  #hasEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  async #register(url: string): Promise<void> {
    const { service } = this.identities;
    const { storeId, key } = this.store;
    const { stores } = await this.queries.run(service, { name: 'store:list', input: {} });
    const known = stores.find(({ mspId }) => mspId === service.mspId);
    const { publicKey } = key;
    if (known !== undefined && known.publicKey !== publicKey) {
      await this.#claim(known.storeId);
      return;
    }
    if (known?.url === url) return;
    const possession = await this.#possession(storeId);
    const input = { requestId: randomUUID(), storeId, publicKey, possession, url };
    await this.commands.run(service, { name: 'store:register', input });
    this.#logger.log(`${storeId} is registered at ${url}`);
  }

  /** What an officer and an auditor bear out where the registered key is lost. */
  async #claim(storeId: string): Promise<void> {
    const { channel, chaincode } = this.settings;
    const { claimFile, key } = this.store;
    const { publicKey } = key;
    const possession = await this.#possession(storeId);
    const claim = { schema: 'store-claim/1', channel, chaincode, storeId, publicKey, possession };
    await writeFile(claimFile, `${JSON.stringify(claim, undefined, 2)}\n`);
    const spki = createHash('sha256').update(Buffer.from(publicKey, 'base64url'));
    this.#logger.error(
      `the ledger knows ${storeId} by another key, so no receipt of this one holds: put that key ` +
        `back into key.pem of the store; if it is lost, ${claimFile} claims the new one, ` +
        spki.digest('base64url'),
    );
  }

  async #possession(storeId: string): Promise<string> {
    const { channel, chaincode } = this.settings;
    const { publicKey, sign } = this.store.key;
    const message = storePossessionMessage({ channel, chaincode, storeId, publicKey });
    return Buffer.from(await sign(message)).toString('base64url');
  }
}

function ignoreEnd(): void {
  // The pause was cut short by the shutdown, which the loop sees by itself.
}
