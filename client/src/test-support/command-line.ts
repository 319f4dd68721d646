/** The `procure` command in a key folder of its own, against a gateway that answers from a table. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lock } from '../cli/folder/encrypted-file';
import { KeyFolder } from '../cli/folder/key-folder';
import { run } from '../cli/run';
import type { Terminal } from '../cli/terminal';
import { type FakeGateway, startFakeGateway } from './fake-gateway';
import type { FakeTender } from './fake-tender';
import type { TestWorld } from './test-authority';

const PASSPHRASE = 'a long passphrase';

/** A derivation that costs next to nothing, since every command makes one. */
export const lock = Lock.create(PASSPHRASE, { N: 16, r: 8, p: 1 });

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Somebody's command line. */
export class CommandLine {
  readonly folder: KeyFolder;
  gateway: FakeGateway;
  readonly #home: string;

  private constructor(parts: {
    readonly home: string;
    readonly folder: KeyFolder;
    readonly gateway: FakeGateway;
  }) {
    this.#home = parts.home;
    this.folder = parts.folder;
    this.gateway = parts.gateway;
  }

  static async start({ roots }: TestWorld): Promise<CommandLine> {
    const home = mkdtempSync(join(tmpdir(), 'procure-'));
    const gateway = await startFakeGateway();
    writeFileSync(join(home, 'passphrase'), `${PASSPHRASE}\n`);
    writeFileSync(join(home, 'token'), 'secret-token\n');
    const { folder } = await KeyFolder.create({
      path: join(home, 'keys'),
      settings: { name: 'dorji', mspId: 'VendorMSP', gateway: gateway.baseUrl },
      roots,
      lock,
    });
    return new CommandLine({ home, folder, gateway });
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    rmSync(this.#home, { recursive: true });
  }

  /** A path in the home, where the key folder is `keys`. */
  path(...names: readonly string[]): string {
    return join(this.#home, ...names);
  }

  /** What the gateway takes the caller for. */
  callerIs(me: object): void {
    this.gateway.routes.set('GET /me', { body: me });
  }

  /** The gateway tells of a tender, for which it knows no bid. */
  tells({ tender, view }: FakeTender): void {
    const { tenderId } = tender;
    this.gateway.routes.set(`GET /tenders/${tenderId}`, { body: tender });
    this.gateway.routes.set(`GET /tenders/${tenderId}/committee`, { body: view });
    this.gateway.routes.set(`GET /tenders/${tenderId}/bids`, {
      body: { tenderId, complete: false, bids: [] },
    });
  }

  /** Without `--yes`: somebody is at the terminal where `answers` says what they type. */
  async procureAsked(answers: string[] | undefined, ...args: readonly string[]): Promise<Ended> {
    const out: string[] = [];
    const err: string[] = [];
    const ask = (): Promise<string> => Promise.resolve(answers?.shift() ?? '');
    const terminal: Terminal = {
      env: {
        PROCUREMENT_FOLDER: this.path('keys'),
        PROCUREMENT_PASSPHRASE_FILE: this.path('passphrase'),
        PROCUREMENT_TOKEN_FILE: this.path('token'),
      },
      print: (line) => void out.push(line),
      printError: (text) => void err.push(text),
      ...(answers === undefined ? {} : { ask }),
    };
    const code = await run(args, terminal);
    return { code, out: out.join('\n'), err: err.join('') };
  }

  /** Whatever is signed is meant. */
  procure(...args: readonly string[]): Promise<Ended> {
    return this.procureAsked(undefined, ...args, '--yes');
  }
}
