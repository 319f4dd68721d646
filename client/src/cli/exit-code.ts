import { types } from 'node:util';
import { EncodingError } from '@procurement/protocol';
import { SealError } from '@procurement/sealed';
import { CommanderError } from 'commander';
import { ApiProblem, ApiUnreachable } from '../http';
import { CheckFailed } from '../check';

/** How the command ended, for scripts. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  checkFailed: 5,
  file: 6,
} as const;

/** The list of codes as the help text shows it. */
export const EXIT_CODE_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the ledger or the gateway,
4 no answer, 5 a check failed (do not go on), 6 a file could not be read or written.`;

/** The command line does not say what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a failure says on the standard error, and the exit code it gives. */
export function describeFailure(error: unknown): { message: string; exitCode: number } {
  if (error instanceof CommanderError) {
    // Help and version end this way too, with code 0. Commander has printed its message.
    return { message: '', exitCode: error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage };
  }
  if (!types.isNativeError(error)) return { message: String(error), exitCode: EXIT_CODES.failed };
  const [message, exitCode] = sentenceOf(error);
  return { message: `procure: ${message}`, exitCode };
}

function sentenceOf(error: Error): readonly [string, number] {
  if (error instanceof UsageError) return [error.message, EXIT_CODES.usage];
  if (error instanceof ApiProblem) return [refusal(error), EXIT_CODES.refused];
  if (error instanceof ApiUnreachable) {
    return [`no answer from ${error.message}`, EXIT_CODES.unreachable];
  }
  if (error instanceof CheckFailed) {
    return [`check failed: ${error.message}`, EXIT_CODES.checkFailed];
  }
  if (error instanceof SealError) {
    return [`check failed: ${error.code} at ${error.item}`, EXIT_CODES.checkFailed];
  }
  if (isFileError(error)) return [fileSentence(error), EXIT_CODES.file];
  return [error.message, EXIT_CODES.failed];
}

function refusal({ message, args, transactionId }: ApiProblem): string {
  const values = Object.keys(args).length === 0 ? '' : ` ${JSON.stringify(args)}`;
  const where = transactionId === undefined ? '' : ` (transaction ${transactionId})`;
  return `refused: ${message}${values}${where}`;
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
