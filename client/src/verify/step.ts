/** A command as a block brings it, read. */
import {
  type CommandInput,
  type CommandName,
  type CommandResult,
  COMMANDS,
  isCommandName,
  readFormat,
} from '@procurement/protocol';
import { check } from '../check';
import { type CertificateFacts, certificateFacts } from '../keys/certificate-facts';
import { readAnswer } from '../signing/read-answer';
import type { Placed } from './chain';

/** When a transaction was made, by its own time, and by whom. */
export interface Made {
  readonly atMs: number;
  readonly mspId: string;
  readonly spki: string;
  /** Attributes of the signer's certificate; '' where it has none. */
  readonly role: string;
  readonly agency: string;
}

/** A command that was carried out. */
export interface Step<Name extends CommandName = CommandName> {
  readonly name: Name;
  readonly input: CommandInput<Name>;
  readonly result: CommandResult<Name>;
  readonly made: Made;
  readonly placed: Placed;
}

/** Reads the commands of one chain. A signer's certificate is read once, however often it signs. */
export class StepReader {
  readonly #facts = new Map<string, Promise<CertificateFacts>>();

  /**
   * Reads a transaction that counts.
   * @returns undefined where it repeats a request, and so does nothing
   * @throws {CheckFailed | Reject} where it is no command of the ledger
   */
  async read(placed: Placed): Promise<Step | undefined> {
    const { transaction: name, args, creator, atMs } = placed.proposal;
    check(isCommandName(name), `${name} is no command`, 'UNREADABLE');
    const input = readFormat(COMMANDS[name].input, args[0] ?? '');
    const { result, repeated } = readAnswer(name, placed.result);
    if (repeated) return undefined;
    const { spki, role = '', agency = '' } = await this.#factsOf(creator.certificate);
    const made = { atMs, mspId: creator.mspId, spki, role, agency };
    return { name, input, result, made, placed };
  }

  #factsOf(certificate: string): Promise<CertificateFacts> {
    const known = this.#facts.get(certificate) ?? certificateFacts(certificate);
    this.#facts.set(certificate, known);
    return known;
  }
}

/** A command names its tender itself, or in the draft, key, rehearsal or shares that it brings. */
export function tenderIdOf(input: object): string | undefined {
  const members = input as Readonly<Record<string, { readonly tenderId?: unknown } | undefined>>;
  const parts = ['tender', 'key', 'rehearsal', 'shares'].map((name) => members[name]?.tenderId);
  return [members['tenderId'], ...parts].find((id) => typeof id === 'string');
}
