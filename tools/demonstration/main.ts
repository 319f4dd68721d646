/** `npm run demo`: another demonstration tender on the system that `npm start` has running. */
import { readSettings, SettingError } from '../start/settings';
import { runDemonstration } from './run';

async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  const baseUrl = `http://127.0.0.1:${settings.httpPort}`;
  const isRunning = await fetch(`${baseUrl}/health/ready`).then(
    (answer) => answer.ok,
    () => false,
  );
  if (!isRunning) {
    throw new SettingError(
      `Nothing answers at ${baseUrl}. Run npm start first, in another window.`,
    );
  }
  const tenderId = await runDemonstration({ dataFolder: settings.folder, baseUrl });
  process.stdout.write(`\nDone: ${baseUrl}/api/v1/tenders/${tenderId}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
