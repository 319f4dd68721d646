import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** A command line that cannot be used; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Options and other words of a command line.
 * @param config.usage stands below the message of an error
 * @throws UsageError
 */
export function readCommandLine<Config extends Omit<ParseArgsConfig, 'args'>>(
  args: readonly string[],
  { usage, ...config }: Config & { readonly usage?: string },
): ReturnType<typeof parseArgs<Config>> {
  try {
    // The compiler cannot tell that neither `usage` nor `args` changes the type of the result.
    return parseArgs({ ...config, args: [...args] }) as ReturnType<typeof parseArgs<Config>>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(usage === undefined ? reason : `${reason}\n\n${usage}`, { cause: error });
  }
}
