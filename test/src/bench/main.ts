/** `npm run bench`: measures and prints one JSON object a line; `--help` tells what. */
import { endWith, UsageError } from '@procurement/network/command/command-line';
import { readArguments } from './arguments';

async function main(): Promise<void> {
  const args = process.argv.slice(2).filter((word) => word !== '--');
  const settings = readArguments(args);
  // A library of what is measured answers --help itself as soon as it is loaded.
  const { measureParts } = await import('./measure.js');
  await measureParts(settings);
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    endWith(error, []);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
