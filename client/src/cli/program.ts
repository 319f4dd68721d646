import { Command } from 'commander';
import { addCommitteeKey } from './committee-key';
import { EXIT_CODE_HELP } from './exit-code';
import { addOpen } from './open';
import { addRehearse } from './rehearse';
import { addSeal } from './seal';
import type { Terminal } from './terminal';
import { addTrail } from './trail';

/** The `procure` command. It throws where commander would end the process. */
export function newProgram(terminal: Terminal): Command {
  const program = new Command('procure')
    .description('Seal bids, open them as a committee member, and read the trail.')
    .addHelpText('after', EXIT_CODE_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.print(text.trimEnd());
      },
      writeErr: terminal.printError,
    });
  addSeal(program, terminal);
  addCommitteeKey(program, terminal);
  addRehearse(program, terminal);
  addOpen(program, terminal);
  addTrail(program, terminal);
  return program;
}
