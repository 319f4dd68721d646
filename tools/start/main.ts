/** `npm start`: everything under one supervisor, and a demonstration tender on the first start. */
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demonstrationNames, tokenOf } from '../demonstration/people';
import { runDemonstration } from '../demonstration/run';
import { ChildFailed } from './child';
import { onParentDeath } from './parent-watch';
import { readSettings, SettingError, type StartSettings } from './settings';
import { startStack, type Stack } from './stack';

/** Written once the first demonstration has ended well. */
const demonstrationMark = 'demonstration.json';

async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  if (settings.fresh) await emptyFolder(settings.folder);
  say(`Starting the ledger in ${settings.folder} …`);
  const stack = await startStack(settings);
  stopOnDemand(stack);
  say(`The gateway serves at ${stack.url}`);
  if (settings.demonstration) await firstDemonstration(settings, stack);
  sayWhereToLook(settings, stack);
}

/** Only a folder that holds a ledger of ours is emptied, whatever a setting says. */
async function emptyFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  if (!existsSync(join(folder, 'topology.json'))) {
    throw new SettingError(`${folder} holds no ledger of ours, so --fresh does not empty it.`);
  }
  await rm(folder, { recursive: true });
}

function stopOnDemand(stack: Stack): void {
  let stopping = false;
  const stop = (why: string, exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    say(`\n${why}; stopping …`);
    void stack.stop().then(() => process.exit(exitCode));
  };
  process.on('SIGINT', () => {
    stop('Interrupted', 0);
  });
  process.on('SIGTERM', () => {
    stop('Asked to end', 0);
  });
  process.on('SIGHUP', () => {
    stop('The terminal is gone', 0);
  });
  onParentDeath(() => {
    stop('The process that started this one is gone', 0);
  });
  void stack.broken.then((name) => {
    stop(`The ${name} process ended unexpectedly`, 1);
  });
}

async function firstDemonstration(settings: StartSettings, stack: Stack): Promise<void> {
  const mark = join(settings.folder, demonstrationMark);
  if (existsSync(mark)) {
    const { tenderId } = JSON.parse(readFileSync(mark, 'utf8')) as { tenderId: string };
    say(`The demonstration tender is ${tenderId}; npm run demo runs another one.`);
    return;
  }
  const tenderId = await runDemonstration({ dataFolder: settings.folder, baseUrl: stack.url });
  await writeFile(mark, `${JSON.stringify({ tenderId })}\n`);
}

function sayWhereToLook(settings: StartSettings, stack: Stack): void {
  say(`\nThe API to read and try:  ${stack.url}/docs`);
  say(`Whether it works:         ${stack.url}/health`);
  say('\nTokens of the demonstration people, for Authorize in /docs or as a bearer token:');
  for (const name of demonstrationNames) {
    say(`  ${name.padEnd(20)} ${tokenOf(settings.folder, name)}`);
  }
  say('\nCtrl-C stops everything; the next start has the same ledger.');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  const isForPeople = error instanceof ChildFailed || error instanceof SettingError;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${isForPeople ? error.message : text}\n`);
  process.exitCode = 1;
});
