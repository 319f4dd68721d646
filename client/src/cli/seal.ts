import type { Command } from 'commander';
import { sealBid } from '../sealing';
import {
  connect,
  type ConnectionOptions,
  connectWitness,
  withConnection,
  withWitness,
  type WitnessOptions,
} from './connection';
import { UsageError } from './exit-code';
import { readJson, writeJson, writeSecret } from './files';
import type { Terminal } from './terminal';

interface SealOptions extends ConnectionOptions, WitnessOptions {
  readonly bucket?: string;
  readonly out?: string;
  readonly secret?: string;
  readonly submit?: boolean;
}

/** `procure seal <tenderId> <bid.json>` */
export function addSeal(program: Command, terminal: Terminal): void {
  const command = program
    .command('seal')
    .description('Seal a bid on this machine and write the envelope, ready to submit.')
    .argument('<tenderId>', 'the tender')
    .argument('<bid.json>', 'the bid; what the ledger knows of it may be left out')
    .option('--out <file>', 'file for the envelope (default: <bid>.envelope.json)')
    .option('--secret <file>', 'file for the seed, kept by you alone (default: <bid>.secret.json)')
    .option('--bucket <bytes>', 'a larger size, 4096 or 16384, to hide how long the bid is')
    .option('--submit', 'hand the bid in at once');
  withWitness(withConnection(command, terminal.env));
  command.action(async (tenderId: string, bidFile: string, options: SealOptions) => {
    await runSeal({ tenderId, bidFile, options, terminal });
  });
}

async function runSeal(run: {
  readonly tenderId: string;
  readonly bidFile: string;
  readonly options: SealOptions;
  readonly terminal: Terminal;
}): Promise<void> {
  const { tenderId, bidFile, options, terminal } = run;
  const api = await connect(options, terminal.env);
  const witness = await connectWitness(options, terminal.env);
  const written = readJson(bidFile);
  const bucket = bucketOf(options.bucket);
  const { submission, secret } = await sealBid({ api, witness, tenderId, written, bucket });
  const stem = bidFile.replace(/\.json$/, '');
  const secretFile = options.secret ?? `${stem}.secret.json`;
  const envelopeFile = options.out ?? `${stem}.envelope.json`;
  // The seed comes first: an envelope without it could not be opened by its own vendor.
  writeSecret(secretFile, secret);
  writeJson(envelopeFile, submission);
  terminal.print(`Sealed version ${submission.version} for lot ${submission.lotId}.`);
  terminal.print(`envelope hash   ${secret.envelopeHash}`);
  terminal.print(`committee hash  ${secret.committeeHash}`);
  terminal.print(`notice hash     ${submission.noticeHash}`);
  terminal.print(`envelope        ${envelopeFile}`);
  terminal.print(`secret          ${secretFile}  (keep it; whoever has it can read the bid)`);
  if (witness === undefined) {
    terminal.print('One gateway named the committee; --witness-url would compare with another.');
  }
  if (options.submit !== true) return;
  const { transactionId, blockNumber } = await api.submitBid(tenderId, submission);
  terminal.print(`submitted       transaction ${transactionId}, block ${blockNumber}`);
}

function bucketOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // Larger bids would need stores outside the ledger.
  if (!['1024', '4096', '16384'].includes(text)) {
    throw new UsageError('--bucket takes 1024, 4096 or 16384');
  }
  return Number(text);
}
