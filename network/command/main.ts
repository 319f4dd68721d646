import { textOf } from '../machine/text-of';
import { UsageError } from './command-line';
import { deploy } from './deploy';
import { readSettings, usage } from './settings';
import type { DeploySettings, StartSettings } from './settings';
import { startNetwork } from './start';
import { status } from './status';

/** How long closing may take before the process ends anyway. */
const closeLimitMs = 8000;

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  switch (settings.command) {
    case 'start':
      return runNetwork(settings);
    case 'deploy':
      return runDeployment(settings);
    case 'status':
      return status(settings, print);
    case 'help':
      return void process.stdout.write(usage);
  }
}

async function runNetwork(settings: StartSettings): Promise<void> {
  const network = await startNetwork(settings, print);
  endWith(() => network.close());
  network.description.forEach(print);
  await network.failed.then((error) => {
    throw error;
  });
}

async function runDeployment(settings: DeploySettings): Promise<void> {
  const { processes, description } = await deploy(settings, print);
  if (!processes.isEmpty) endWith(() => processes.stop());
  description.forEach(print);
  if (processes.isEmpty) return;
  await processes.ended;
  await processes.stop();
  throw new Error('A process of the chaincode has ended; see its output above.');
}

/** Ctrl-C, SIGTERM and the end of a parent that holds an IPC channel all end what was started. */
function endWith(close: () => Promise<void>): void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), closeLimitMs).unref();
    void close().then(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('disconnect', end);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${textOf(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
  process.exit(1);
});
