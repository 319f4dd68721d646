import { resolve } from 'node:path';
import { peer } from '@hyperledger/fabric-protos';
import { endWith, HelpAsked, readCommandLine, UsageError } from '../../../command/command-line';
import { RecordingError } from './recorded-ledger';
import { replayLedger, type ReplayOutcome } from './replay-ledger';

const usage = `npm run replay -- FOLDER

Takes the recorded ledger in FOLDER through the validator, once for each organization that recorded
it. Exit code 1: it comes out otherwise than recorded; 2: there is no recording to read.`;

/** Exit codes: everything as recorded, a difference, no recording to read. */
const EXIT = { same: 0, different: 1, unusable: 2 } as const;

function summaryOf(outcome: ReplayOutcome): string {
  const counts = [...outcome.codes]
    .sort(([left], [right]) => left - right)
    .map(([code, count]) => `${nameOfCode(code)} ${String(count)}`);
  return [
    `channel ${outcome.channelId}: ${String(outcome.blocks)} blocks with ` +
      `${String(outcome.transactions)} transactions, for ${outcome.organizations.join(', ')}`,
    `codes: ${counts.join(', ')}`,
    `compared: ${outcome.compared.join(', ')}`,
  ].join('\n');
}

function nameOfCode(code: number): string {
  const named = Object.entries(peer.TxValidationCode).find(([, value]) => value === code);
  return named?.[0] ?? String(code);
}

/** @throws UsageError */
function readFolder(args: readonly string[]): string {
  const { positionals } = readCommandLine(args, { allowPositionals: true, options: {}, usage });
  const [folder, more] = positionals;
  if (folder === undefined || more !== undefined) {
    throw new UsageError(`Name one folder.\n\n${usage}`);
  }
  return folder;
}

async function main(): Promise<number> {
  const folder = readFolder(process.argv.slice(2));
  // npm changes to the folder of the package; the user means the one he is in.
  const base = process.env['INIT_CWD'] ?? process.cwd();
  const outcome = await replayLedger(resolve(base, folder));
  process.stdout.write(`${summaryOf(outcome)}\n`);
  const { difference } = outcome;
  if (!difference) {
    process.stdout.write('Everything is as recorded.\n');
    return EXIT.same;
  }
  const { place, what, expected, found } = difference;
  process.stdout.write(
    `First difference: ${place}: ${what}\n  expected ${expected}\n  found    ${found}\n`,
  );
  return EXIT.different;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    endWith(error, [Error]);
    if (error instanceof HelpAsked) return;
    const isUnusable = error instanceof RecordingError || error instanceof UsageError;
    process.exitCode = isUnusable ? EXIT.unusable : EXIT.different;
  },
);
