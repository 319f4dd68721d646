/** Commands of `procure` as data, and how commander is told of them. */
import { Command } from 'commander';
import { Call, printable, type Report } from './call';
import type { Terminal } from './terminal';

/** One command. */
export interface Task {
  readonly name: string;
  readonly about: string;
  /** Operands with their meaning, such as `['<tenderId>', 'the tender']`. */
  readonly operands?: readonly (readonly [string, string])[];
  /** Options with their meaning. */
  readonly options?: readonly (readonly [string, string])[];
  readonly run: (call: Call) => Promise<Report>;
}

/** A family of commands, such as `keys`. */
export interface TaskGroup {
  readonly name: string;
  readonly about: string;
  readonly tasks: readonly Task[];
}

/** The operand of every command that is about one tender. */
export const TENDER_OPERAND = ['<tenderId>', 'the tender'] as const;

const EVERYWHERE = [
  ['--folder <path>', 'your key folder (PROCUREMENT_FOLDER; default: this one)'],
  ['--passphrase-file <file>', "file with the folder's passphrase, instead of typing it"],
  ['--url <address>', "gateway, instead of the folder's (PROCUREMENT_URL)"],
  ['--witness-url <address>', "another organisation's gateway, which must tell the same"],
  ['--token-file <file>', "a service account's token, for machines (PROCUREMENT_TOKEN_FILE)"],
  ['--yes', 'sign without being asked'],
  ['--json', 'print one JSON document'],
] as const;

/** Adds a family of commands. */
export function addGroup(program: Command, group: TaskGroup, terminal: Terminal): void {
  const parent = program.command(group.name).description(group.about);
  for (const task of group.tasks) addTask(parent, task, terminal);
}

/** Adds one command. */
export function addTask(parent: Command, task: Task, terminal: Terminal): void {
  const command = parent.command(task.name).description(task.about);
  for (const [operand, meaning] of task.operands ?? []) command.argument(operand, meaning);
  for (const [flags, meaning] of [...(task.options ?? []), ...EVERYWHERE]) {
    command.option(flags, meaning);
  }
  command.action(async () => {
    const words = { operands: command.args, options: command.opts() };
    const { value, lines } = await task.run(new Call(terminal, words));
    terminal.progress?.('');
    if (words.options['json'] === true) terminal.print(JSON.stringify(value, undefined, 2));
    else for (const line of lines) terminal.print(printable(line));
  });
}
