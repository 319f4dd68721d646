/** `npm start`: everything under one supervisor, and a demonstration tender on the first start. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endWith, UsageError } from '@procurement/network/command/command-line';
import { AUDITOR, personFolder } from '../demonstration/cast';
import { writeRoots } from '../demonstration/roots';
import { ChildFailed } from './child';
import { emptyFolder, prepareFolder } from './data-folder';
import { onParentDeath } from './parent-watch';
import { networkFolderOf, readSettings, SettingError, type StartSettings } from './settings';
import { startStack, type Stack, type StackOptions } from './stack';

/** Written once the first demonstration has ended well. */
const demonstrationMark = 'demonstration.json';

/** Ends this process: what came first decides why. */
class Ending {
  readonly #starting = new AbortController();
  /** What is to be stopped at this moment. */
  #stop: () => Promise<unknown> = () => Promise.resolve();
  #hasBegun = false;

  constructor() {
    const signals = {
      SIGINT: 'Interrupted',
      SIGTERM: 'Asked to end',
      SIGHUP: 'The terminal is gone',
    };
    for (const [signal, reason] of Object.entries(signals)) {
      process.on(signal, () => {
        this.end(reason, 0);
      });
    }
    // As with `npm start | head`; without anybody to tell there is nothing to run for.
    process.stdout.on('error', () => {
      this.end('Nobody reads the output', 0);
    });
    onParentDeath(() => {
      this.end('The process that started this one is gone', 0);
    });
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * Starts a stack that the end stops, at whatever moment it comes.
   * @throws what the start throws
   */
  async start(options: StackOptions): Promise<Stack> {
    const starting = startStack({ ...options, signal: this.#starting.signal });
    this.#stop = async () => {
      this.#starting.abort(new Error('the end came first'));
      await starting.then((stack) => stack.stop()).catch(() => undefined);
    };
    const stack = await starting;
    void stack.broken.then((sentence) => {
      this.end(`${sentence}; its log is in ${stack.logFolder}`, 1);
    });
    return stack;
  }

  end(reason: string, exitCode: number): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    say(`\n${reason}; stopping …`);
    void this.#stop().then(() => {
      say('Everything has stopped.');
      process.exit(exitCode);
    });
  }
}

async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  const ending = new Ending();
  try {
    await serve(settings, ending);
  } catch (error) {
    // What breaks because everything is being stopped is no fault.
    if (!ending.hasBegun) throw error;
  }
}

async function serve(settings: StartSettings, ending: Ending): Promise<void> {
  if (settings.fresh) await emptyFolder(settings.folder);
  await prepareFolder(settings.folder);
  const { profile, folder } = settings;
  const what = profile === undefined ? 'network, chaincode and gateways' : `gateway on ${profile}`;
  say(`Starting ${what}; everything is kept in ${folder}`);
  const stack = await ending.start({ ...settings, notice: say });
  say(`The gateway serves at ${stack.url}; logs are in ${stack.logFolder}`);
  if (settings.demonstration) await firstDemonstration(settings, { stack, ending });
  if (ending.hasBegun) return;
  const second = await stack.startSecond();
  sayWhereToLook(settings, { url: stack.url, second });
}

/** A demonstration that fails leaves the system running: it is there to look at. */
async function firstDemonstration(
  settings: StartSettings,
  { stack, ending }: { readonly stack: Stack; readonly ending: Ending },
): Promise<void> {
  const mark = join(settings.folder, demonstrationMark);
  const known = readMark(mark);
  if (known && known.profile === settings.profile) {
    say(`The demonstration tender is ${known.tenderId}; npm run demo runs another one.`);
    return;
  }
  try {
    const { runDemonstration } = await import('../demonstration/run.js');
    const tenderId = await runDemonstration({
      dataFolder: settings.folder,
      networkFolder: networkFolderOf(settings),
      baseUrl: stack.url,
      second: () => stack.startSecond(),
    });
    await writeFile(mark, `${JSON.stringify({ tenderId, profile: settings.profile })}\n`);
  } catch (error) {
    if (ending.hasBegun) return;
    const why = error instanceof Error ? error.message : String(error);
    say(`\nThe demonstration did not come to its end: ${why}`);
    say('The system itself stays up; npm run demo tries again, and so does the next start.');
  }
}

/** The tender of the first demonstration, and the network it is on; an embedded one has none. */
function readMark(mark: string): { tenderId: string; profile?: string } | undefined {
  if (!existsSync(mark)) return undefined;
  return JSON.parse(readFileSync(mark, 'utf8')) as { tenderId: string; profile?: string };
}

function sayWhereToLook(
  settings: StartSettings,
  { url, second }: { readonly url: string; readonly second: string | undefined },
): void {
  say(`\nThe API to read and try:  ${url}/docs`);
  say(`Whether it works:         ${url}/health`);
  if (second !== undefined) say(`A second organisation's:  ${second}, to hold answers against`);
  const roots = writeRoots(networkFolderOf(settings), settings.folder);
  say(`The organisations' roots:  ${roots}, for whoever makes a key folder`);
  sayHowToAct(settings, url);
  say('\nCtrl-C stops everything; the next start has the same ledger.');
}

/** People of the demonstration have made their keys by its end. */
function sayHowToAct({ folder }: StartSettings, url: string): void {
  const auditor = personFolder(folder, AUDITOR);
  if (!existsSync(auditor)) return;
  say(`\nThe command line as one of the demonstration's people, here the auditor:`);
  const passphrase = join(auditor, 'passphrase');
  say(`  npx procure tender list --folder ${auditor} --passphrase-file ${passphrase} --url ${url}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    endWith(error, []);
    return;
  }
  const isForPeople = error instanceof ChildFailed || error instanceof SettingError;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${isForPeople ? error.message : text}\n`);
  process.exit(1);
});
