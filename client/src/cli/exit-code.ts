import { types } from 'node:util';
import { EncodingError } from '@procurement/protocol';
import { SealError } from '@procurement/sealed';
import { CommanderError } from 'commander';
import { ApiProblem, ApiUnreachable } from '../http';
import { CheckFailed } from '../check';
import { adviceFor } from './advice';
import { PassphraseError } from './folder/encrypted-file';
import { UsageError } from './usage-error';

/** How the command ended, for scripts. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  checkFailed: 5,
  file: 6,
  passphrase: 7,
  notConfirmed: 8,
} as const;

/** The list of codes as the help text shows it. */
export const EXIT_CODE_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the ledger or the gateway,
4 no answer, 5 a check failed (do not go on), 6 a file could not be read or written,
7 the passphrase does not open the file, 8 you did not confirm what was to be signed.`;

/** The person was shown what would be signed, and did not want it. */
export class NotConfirmed extends Error {
  override readonly name = 'NotConfirmed';
}

/** A failure as a program reads it. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly transactionId?: string;
  /** What to do, in a sentence. */
  readonly advice?: string;
}

/** A failure for a person, in lines; for a program; and the exit code it gives. */
export interface Failure {
  readonly lines: readonly string[];
  readonly problem: Problem | undefined;
  readonly exitCode: number;
}

/** What a failure says. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return ofCommander(error);
  if (!types.isNativeError(error)) {
    const problem = { code: 'FAILED', detail: String(error), args: {} };
    return { lines: [String(error)], problem, exitCode: EXIT_CODES.failed };
  }
  const [code, detail, exitCode] = sentenceOf(error);
  const { args = {}, transactionId } = error instanceof ApiProblem ? error : {};
  const advice = adviceFor(code, args, exitCode === EXIT_CODES.checkFailed);
  const problem: Problem = {
    ...{ code, detail, args },
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(advice === undefined ? {} : { advice }),
  };
  const first = `procure: ${detail}${error instanceof ApiProblem ? valuesOf(error) : ''}`;
  return { lines: advice === undefined ? [first] : [first, advice], problem, exitCode };
}

/** Help and version end this way too, with code 0. Commander has printed its message. */
function ofCommander(error: CommanderError): Failure {
  const isDone = error.exitCode === 0;
  const problem = { code: 'USAGE', detail: error.message, args: {} };
  return {
    lines: [],
    problem: isDone ? undefined : problem,
    exitCode: isDone ? EXIT_CODES.ok : EXIT_CODES.usage,
  };
}

type Sentence = readonly [code: string, detail: string, exitCode: number];

/** Errors of our own, whose names say what they are. */
const KINDS = [
  [UsageError, 'USAGE', '', EXIT_CODES.usage],
  [PassphraseError, 'PASSPHRASE', '', EXIT_CODES.passphrase],
  [NotConfirmed, 'NOT_CONFIRMED', '', EXIT_CODES.notConfirmed],
  [ApiUnreachable, 'UNREACHABLE', 'no answer from ', EXIT_CODES.unreachable],
] as const;

function sentenceOf(error: Error): Sentence {
  if (error instanceof ApiProblem) {
    return [error.code, `refused: ${error.message}`, EXIT_CODES.refused];
  }
  const kind = KINDS.find(([type]) => error instanceof type);
  if (kind !== undefined) return [kind[1], `${kind[2]}${error.message}`, kind[3]];
  if (error instanceof CheckFailed) {
    return [error.code, `check failed: ${error.message}`, EXIT_CODES.checkFailed];
  }
  if (error instanceof SealError) {
    return [error.code, `check failed: ${error.code} at ${error.item}`, EXIT_CODES.checkFailed];
  }
  if (isFileError(error)) return ['FILE', fileSentence(error), EXIT_CODES.file];
  return ['FAILED', error.message, EXIT_CODES.failed];
}

function valuesOf({ args, transactionId }: ApiProblem): string {
  const values = Object.keys(args).length === 0 ? '' : ` ${JSON.stringify(args)}`;
  const where = transactionId === undefined ? '' : ` (transaction ${transactionId})`;
  return `${values}${where}`;
}

function isFileError(error: Error): boolean {
  return (
    error instanceof SyntaxError ||
    error instanceof EncodingError ||
    ('syscall' in error && 'path' in error)
  );
}

function fileSentence(error: Error & { code?: string; path?: string }): string {
  if (error.code === 'EEXIST') {
    return `${error.path ?? 'the file'} is there already and is not overwritten`;
  }
  return error.message;
}
