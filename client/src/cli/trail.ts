import type { Command } from 'commander';
import type { Trail } from '../api';
import { connect, type ConnectionOptions, withConnection } from './connection';
import { table } from './table';
import type { Terminal } from './terminal';

interface TrailOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** `procure trail <tenderId>` */
export function addTrail(program: Command, terminal: Terminal): void {
  const command = program
    .command('trail')
    .description('Show who did what to a tender, transaction by transaction.')
    .argument('<tenderId>', 'the tender')
    .option('--json', 'print the answer as JSON');
  withConnection(command, terminal.env);
  command.action(async (tenderId: string, options: TrailOptions) => {
    const api = await connect(options, terminal.env);
    const trail = await api.trail(tenderId);
    terminal.print(options.json === true ? JSON.stringify(trail, undefined, 2) : asTable(trail));
  });
}

function asTable({ entries, complete }: Trail): string {
  const headings = ['AT', 'SIGNER', 'ORGANISATION', 'COMMAND', 'BLOCK', 'RESULT', 'TRANSACTION'];
  const rows = entries.map((entry) => [
    entry.at,
    entry.signer.subject,
    entry.signer.mspId,
    entry.command,
    entry.blockNumber ?? '',
    entry.validationCode,
    entry.transactionId,
  ]);
  const shown = table(headings, rows);
  return complete
    ? shown
    : `${shown}\n\nNot complete: until the opening, bids of others are left out.`;
}
