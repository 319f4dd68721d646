import { describeFailure, EXIT_CODES } from './exit-code';
import { newProgram } from './program';
import type { Terminal } from './terminal';

/**
 * Runs the command line; never throws.
 * @param args arguments after the program's name
 * @returns the exit code
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await newProgram(terminal).parseAsync(args, { from: 'user' });
    return EXIT_CODES.ok;
  } catch (error) {
    terminal.progress?.('');
    const { lines, problem, exitCode } = describeFailure(error);
    if (args.includes('--json') && problem !== undefined) {
      terminal.print(JSON.stringify({ problem: { ...problem, exitCode } }, undefined, 2));
    } else if (lines.length > 0) terminal.printError(`${lines.join('\n')}\n`);
    return exitCode;
  }
}
