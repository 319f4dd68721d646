import { Command } from 'commander';
import { AWARDS } from './awards';
import { BIDS } from './bids';
import { COMMITTEE } from './committee';
import { EXIT_CODE_HELP } from './exit-code';
import { KEYS } from './keys';
import { addGroup, addTask } from './task';
import { TENDERS } from './tenders';
import type { Terminal } from './terminal';
import { TRAIL } from './trail';
import { VERIFY } from './verify';

/** The `procure` command. It throws where commander would end the process. */
export function newProgram(terminal: Terminal): Command {
  const program = new Command('procure')
    .description('Keys, tenders, bids and openings, signed on your own machine.')
    .addHelpText('after', EXIT_CODE_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.print(text.trimEnd());
      },
      writeErr: terminal.printError,
    });
  for (const group of [KEYS, TENDERS, BIDS, COMMITTEE, AWARDS]) addGroup(program, group, terminal);
  for (const task of [TRAIL, VERIFY]) addTask(program, task, terminal);
  return program;
}
