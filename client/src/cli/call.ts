/** One call of `procure`: its operands and options, whose folder it is, and whom it talks to. */
import { readFileSync } from 'node:fs';
import type { ProcurementApi } from '../api';
import { certificateFacts, renewalDue } from '../keys/certificate-facts';
import { ServiceApi } from '../service-api';
import { SignedApi } from '../signed-api';
import { NotConfirmed } from './exit-code';
import { UsageError } from './usage-error';
import { Lock } from './folder/encrypted-file';
import { KeyFolder, type Which } from './folder/key-folder';
import type { Terminal } from './terminal';

/** What a command has found out or done: for a program, and in lines for a person. */
export interface Report {
  readonly value: object;
  readonly lines: readonly string[];
}

/** What is about to be signed, as its signer must see it: names and values. */
export type SignedFacts = Readonly<Record<string, string>>;

const ONE_GATEWAY = 'One gateway alone was asked; --witness-url would compare with another.';

/** What commander has read. */
interface Words {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** How a gateway is reached: with which key, and by whom else. */
interface Connecting {
  readonly other?: string | undefined;
  readonly which?: Which;
}

/** One call of the command line. */
export class Call {
  readonly #terminal: Terminal;
  readonly #words: Words;
  #folder: KeyFolder | undefined;
  #lock: Promise<Lock> | undefined;
  #apis = new Map<string, Promise<ProcurementApi>>();

  constructor(terminal: Terminal, words: Words) {
    this.#terminal = terminal;
    this.#words = words;
  }

  /** An operand that commander has required. */
  operand(index: number): string {
    return this.#words.operands[index] ?? '';
  }

  /** An option with a value, or the setting of the environment that stands in for it. */
  option(name: string, setting?: string): string | undefined {
    const value = this.#words.options[name];
    if (typeof value === 'string') return value;
    return setting === undefined ? undefined : this.#terminal.env[setting];
  }

  /** An option that may be given several times. */
  options(name: string): readonly string[] {
    const values = this.#words.options[name];
    return Array.isArray(values) ? values.map(String) : [];
  }

  /** @throws {UsageError} where an option without a default is left out */
  need(name: string, setting?: string): string {
    const value = this.option(name, setting);
    if (value !== undefined) return value;
    const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`--${flag} is needed`);
  }

  /** Whether an option without a value is given. */
  flag(name: string): boolean {
    return this.#words.options[name] === true;
  }

  /** Path of the person's folder. */
  get folderPath(): string {
    return this.option('folder', 'PROCUREMENT_FOLDER') ?? '.';
  }

  /** @throws {UsageError} where there is none */
  folder(): KeyFolder {
    this.#folder ??= KeyFolder.open(this.folderPath);
    return this.#folder;
  }

  /** The lock of the folder; its passphrase is asked for once. */
  lock(): Promise<Lock> {
    const folder = this.folder();
    this.#lock ??= this.secret('passphraseFile', 'Passphrase: ').then((text) => folder.lock(text));
    return this.#lock;
  }

  /** A lock for a new folder: its passphrase is typed twice, or read from the file. */
  async newLock(): Promise<Lock> {
    const first = await this.secret('passphraseFile', 'Passphrase: ');
    const lock = Lock.create(first);
    if (this.option('passphraseFile', settingOf('passphraseFile')) !== undefined) return lock;
    const again = await this.#terminal.ask?.('The same again: ', { secret: true });
    if (first !== again) throw new UsageError('the two passphrases differ');
    return lock;
  }

  /**
   * A secret out of a file, or typed. Never out of the command line, which others can see.
   * @param option its name as an option, such as `passphraseFile`
   * @throws {UsageError} where there is neither file nor person
   */
  async secret(option: string, question: string): Promise<string> {
    const file = this.option(option, settingOf(option));
    if (file !== undefined) return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    const answer = await this.#terminal.ask?.(question, { secret: true });
    if (answer !== undefined) return answer;
    const flag = option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`nobody can be asked here: --${flag} <file>, or ${settingOf(option)}`);
  }

  /** The connection to the person's own gateway, or to the one at an address. */
  api(url?: string): Promise<ProcurementApi> {
    return this.#connect(url ?? this.#ownUrl, { other: this.#witnessUrl });
  }

  /** The connection to the person's own gateway, signed with the key that is to come next. */
  nextApi(): Promise<ProcurementApi> {
    return this.#connect(this.#ownUrl, { which: 'next' });
  }

  /** The connection to another organisation's gateway; undefined where none is known. */
  async witness(): Promise<ProcurementApi | undefined> {
    const url = this.#witnessUrl;
    if (url !== undefined) return this.#connect(url);
    // Whoever signs has two organisations' peers sign the answers; an account has only a gateway.
    if (this.#tokenFile !== undefined) this.warn(ONE_GATEWAY);
    return undefined;
  }

  /**
   * Shows what is about to be signed, and asks whether it is meant.
   * @throws {NotConfirmed} where it is not
   * @throws {UsageError} where there is nobody to ask and no `--yes`
   */
  async confirm(what: string, facts: SignedFacts): Promise<void> {
    const width = Math.max(...Object.keys(facts).map((name) => name.length));
    const lines = Object.entries(facts).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
    this.warn([`You are about to sign: ${what}`, ...lines].map(printable).join('\n'));
    if (this.flag('yes')) return;
    const answer = await this.#terminal.ask?.('Sign this? Type yes: ');
    if (answer === undefined) throw new UsageError('nobody can be asked here: --yes signs unasked');
    if (answer.trim().toLowerCase() !== 'yes') throw new NotConfirmed('nothing was signed');
  }

  /** Says something that does not belong to the result. */
  warn(text: string): void {
    this.#terminal.printError(`${text}\n`);
  }

  /** Tells how far something is that takes long. */
  progress(text: string): void {
    this.#terminal.progress?.(text);
  }

  get #witnessUrl(): string | undefined {
    const named = this.option('witnessUrl', 'PROCUREMENT_WITNESS_URL');
    const url = named ?? this.#known()?.settings.witness;
    return url === '' ? undefined : url;
  }

  #known(): KeyFolder | undefined {
    try {
      return this.folder();
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }

  get #tokenFile(): string | undefined {
    return this.option('tokenFile', 'PROCUREMENT_TOKEN_FILE');
  }

  get #ownUrl(): string {
    return this.option('url', 'PROCUREMENT_URL') ?? this.folder().settings.gateway;
  }

  /** @param how.other address of the gateway that gets what this one drops */
  #connect(url: string, how: Connecting = {}): Promise<ProcurementApi> {
    const name = `${how.which ?? 'present'} ${url} ${how.other ?? ''}`;
    const known = this.#apis.get(name) ?? this.#open(url, how);
    this.#apis.set(name, known);
    return known;
  }

  async #open(baseUrl: string, { other, which }: Connecting): Promise<ProcurementApi> {
    const tokenFile = this.#tokenFile;
    if (tokenFile !== undefined) {
      return new ServiceApi({ baseUrl, token: readFileSync(tokenFile, 'utf8').trim() });
    }
    const folder = this.folder();
    const signer = await folder.signer(await this.lock(), which);
    const due = renewalDue(await certificateFacts(signer.certificate), Date.now());
    if (due !== undefined) this.warn(due);
    const witness = other === undefined ? undefined : await this.#connect(other);
    const others = witness instanceof SignedApi ? [witness] : [];
    return new SignedApi({ baseUrl, signer, roots: await folder.roots(), others });
  }
}

/** Text from elsewhere, without what could steer a terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL_CHARACTERS, '\ufffd');
}

/** Unicode's control, format and separator characters, except the space and the end of a line. */
const CONTROL_CHARACTERS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The setting that stands in for an option: `passphraseFile` is `PROCUREMENT_PASSPHRASE_FILE`. */
function settingOf(option: string): string {
  return `PROCUREMENT_${option.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
