import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeOpening, readOpeningKey } from '../officer';
import {
  connect,
  type ConnectionOptions,
  connectWitness,
  withConnection,
  withWitness,
  type WitnessOptions,
} from './connection';
import { readJson, writeJson } from './files';
import type { Terminal } from './terminal';

interface OpenOptions extends ConnectionOptions, WitnessOptions {
  readonly out: string;
  readonly post?: boolean;
}

/** `procure open <opening-key.json>` */
export function addOpen(program: Command, terminal: Terminal): void {
  const command = program
    .command('open')
    .description('Check the closed list and every bid in it, and make your opening shares.')
    .argument('<opening-key.json>', 'your opening key, as committee-key wrote it')
    .option('--out <folder>', 'folder for the shares, one file for each 200 bids', '.')
    .option('--post', 'post the shares at once');
  withWitness(withConnection(command, terminal.env));
  command.action(async (keyFile: string, options: OpenOptions) => {
    await runOpen({ keyFile, options, terminal });
  });
}

async function runOpen(run: {
  readonly keyFile: string;
  readonly options: OpenOptions;
  readonly terminal: Terminal;
}): Promise<void> {
  const { keyFile, options, terminal } = run;
  const api = await connect(options, terminal.env);
  const witness = await connectWitness(options, terminal.env);
  const openingKey = readOpeningKey(readJson(keyFile));
  const { tenderId, seat } = openingKey;
  const { postings, bidCount } = await makeOpening({ api, witness, openingKey });
  mkdirSync(options.out, { recursive: true });
  terminal.print(`Verified ${bidCount} bids of tender ${tenderId}; shares of seat ${seat}:`);
  for (const posting of postings) {
    const name = `${tenderId}.seat-${seat}.chunk-${posting.shares.chunk}.shares.json`;
    const file = join(options.out, name);
    writeJson(file, posting);
    terminal.print(`shares  ${file}`);
  }
  if (options.post !== true) return;
  for (const posting of postings) {
    const { transactionId, blockNumber } = await api.postShares(tenderId, posting);
    terminal.print(`posted  transaction ${transactionId}, block ${blockNumber}`);
  }
}
