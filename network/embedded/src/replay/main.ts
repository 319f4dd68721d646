import { resolve } from 'node:path';
import { peer } from '@hyperledger/fabric-protos';
import { textOf } from '../../../machine/text-of';
import { RecordingError } from './recorded-ledger';
import { replayLedger, type ReplayOutcome } from './replay-ledger';

const USAGE = 'Usage: npm run replay -- FOLDER, a folder with a recorded ledger';

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

async function main(): Promise<number> {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new RecordingError(USAGE);
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
    process.stderr.write(`${textOf(error)}\n`);
    process.exitCode = error instanceof RecordingError ? EXIT.unusable : EXIT.different;
  },
);
