import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** A command line that cannot be used; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Nothing is wrong: the message is what was asked for with `--help`. */
export class HelpAsked extends UsageError {}

/**
 * Ends a program that failed, or that was asked for its help.
 * @param kinds errors whose message is for people, beside UsageError; others are told whole
 */
export function endWith(error: unknown, kinds: readonly ErrorClass[]): void {
  const isHelp = error instanceof HelpAsked;
  const isForPeople = [UsageError, ...kinds].some((kind) => error instanceof kind);
  const text = isForPeople ? (error as Error).message : String(error);
  (isHelp ? process.stdout : process.stderr).write(`${text}\n`);
  process.exitCode = isHelp ? 0 : 1;
}

type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Options and other words of a command line.
 * @param config.usage stands below the message of an error, and is the answer to `--help`
 * @throws UsageError
 */
export function readCommandLine<Config extends Omit<ParseArgsConfig, 'args'>>(
  args: readonly string[],
  { usage, ...config }: Config & { readonly usage?: string },
): ReturnType<typeof parseArgs<Config>> {
  const asksForHelp = args.includes('--help') && !Object.hasOwn(config.options ?? {}, 'help');
  if (usage !== undefined && asksForHelp) throw new HelpAsked(usage);
  try {
    // The compiler cannot tell that neither `usage` nor `args` changes the type of the result.
    return parseArgs({ ...config, args: [...args] }) as ReturnType<typeof parseArgs<Config>>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(usage === undefined ? reason : `${reason}\n\n${usage}`, { cause: error });
  }
}
