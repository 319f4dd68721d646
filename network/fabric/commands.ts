import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';

/** A program of Fabric that ran to its end and refused what it was asked. */
export class FabricCommandError extends Error {
  override readonly name = 'FabricCommandError';
}

/** A program that runs to its end. */
export interface FabricCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** All that it is given; nothing is added. */
  readonly environment?: Readonly<Record<string, string>>;
}

const limitMs = 60_000;
const outputMaxBytes = 16 * 1024 * 1024;

/**
 * Runs a program of Fabric. @returns what it printed
 * @throws FabricCommandError with the program's own last words
 */
export function runCommand(command: FabricCommand): Promise<string> {
  const { file, args, environment = {} } = command;
  const options = { env: environment, timeout: limitMs, maxBuffer: outputMaxBytes };
  return new Promise((resolve, reject) => {
    execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error) reject(failure(command, error, `${stderr}\n${stdout}`));
      else resolve(stdout);
    });
  });
}

function failure(
  { file, args }: FabricCommand,
  error: ExecFileException,
  output: string,
): FabricCommandError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const words = args.filter((word) => !word.startsWith('-')).slice(0, 2);
  const said = lines.slice(-5).join('\n') || error.message;
  return new FabricCommandError(`${[file, ...words].join(' ')} failed:\n${said}`, { cause: error });
}
