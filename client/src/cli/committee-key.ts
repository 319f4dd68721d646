import type { Command } from 'commander';
import { makeOpeningKey } from '../officer';
import { connect, type ConnectionOptions, withConnection } from './connection';
import { writeJson, writeSecret } from './files';
import type { Terminal } from './terminal';

interface KeyOptions extends ConnectionOptions {
  readonly key?: string;
  readonly out?: string;
  readonly register?: boolean;
}

/** `procure committee-key <tenderId>` */
export function addCommitteeKey(program: Command, terminal: Terminal): void {
  const command = program
    .command('committee-key')
    .description('Make an opening key for your seat, and the record that registers it.')
    .argument('<tenderId>', 'the tender that appoints you')
    .option('--key <file>', 'file for the secret key (default: <tenderId>.opening-key.json)')
    .option('--out <file>', 'file for the record (default: <tenderId>.committee-key.json)')
    .option('--register', 'register the key at once');
  withConnection(command, terminal.env);
  command.action(async (tenderId: string, options: KeyOptions) => {
    const api = await connect(options, terminal.env);
    const { registration, openingKey } = await makeOpeningKey({ api, tenderId });
    const keyFile = options.key ?? `${tenderId}.opening-key.json`;
    const recordFile = options.out ?? `${tenderId}.committee-key.json`;
    writeSecret(keyFile, openingKey);
    writeJson(recordFile, registration);
    terminal.print(`Made a key for seat ${openingKey.seat} of ${openingKey.mspId}.`);
    terminal.print(`record      ${recordFile}`);
    terminal.print(`secret key  ${keyFile}  (keep it until the opening, then destroy it)`);
    if (options.register !== true) return;
    const { transactionId, blockNumber } = await api.registerKey(tenderId, registration);
    terminal.print(`registered  transaction ${transactionId}, block ${blockNumber}`);
  });
}
