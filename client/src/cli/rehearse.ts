import type { Command } from 'commander';
import { readOpeningKey, rehearseOpening } from '../officer';
import { connect, type ConnectionOptions, withConnection } from './connection';
import { UsageError } from './exit-code';
import { readJson } from './files';
import type { Terminal } from './terminal';

interface RehearseOptions extends ConnectionOptions {
  readonly moment: string;
}

/** `procure rehearse <key.json>` */
export function addRehearse(program: Command, terminal: Terminal): void {
  const command = program
    .command('rehearse')
    .description('Show that your opening key is still at hand; the key itself stays here.')
    .argument('<key.json>', 'the opening key, as committee-key wrote it')
    .option('--moment <when>', 'publication, or opening once the notice is out', 'publication');
  withConnection(command, terminal.env);
  command.action(async (keyFile: string, options: RehearseOptions) => {
    const api = await connect(options, terminal.env);
    const openingKey = readOpeningKey(readJson(keyFile));
    const { moment } = options;
    if (moment !== 'publication' && moment !== 'opening') {
      throw new UsageError('--moment takes publication or opening');
    }
    const posting = await rehearseOpening({ api, openingKey, moment });
    const { transactionId, blockNumber } = await api.rehearse(posting);
    terminal.print(`Seat ${openingKey.seat} of ${openingKey.tenderId} has its key at hand.`);
    terminal.print(`rehearsed   transaction ${transactionId}, block ${blockNumber}`);
  });
}
