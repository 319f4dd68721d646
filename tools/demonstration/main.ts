/** `npm run demo`: another demonstration tender on the system that `npm start` has running. */
import { networkFolderOf, readSettings, SettingError } from '../start/settings';
import { runDemonstration } from './run';

async function main(): Promise<void> {
  const [word] = process.argv.slice(2);
  if (word !== undefined) throw new SettingError(`Unknown word ${word}: demo takes none.`);
  const settings = readSettings(process.env, []);
  const baseUrl = `http://127.0.0.1:${settings.httpPort}`;
  const secondUrl = `http://127.0.0.1:${settings.httpPort + 1}`;
  if (!(await isReady(baseUrl))) {
    throw new SettingError(
      `No gateway that is ready answers at ${baseUrl}. Run npm start first, in another window; ` +
        'if it uses another port, set PROCUREMENT_HTTP_PORT here too.',
    );
  }
  const tenderId = await runDemonstration({
    dataFolder: settings.folder,
    networkFolder: networkFolderOf(settings),
    baseUrl,
    second: async () => ((await isReady(secondUrl)) ? secondUrl : undefined),
  });
  process.stdout.write(`\nDone: ${baseUrl}/api/v1/tenders/${tenderId}\n`);
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    (answer) => answer.ok,
    () => false,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
