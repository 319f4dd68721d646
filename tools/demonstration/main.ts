/** `npm run demo`: another demonstration tender on the system that `npm start` has running. */
import { endWith, readCommandLine } from '@procurement/network/command/command-line';
import { networkFolderOf, readSettings, SettingError } from '../start/settings';
import { runDemonstration } from './run';

const usage = `npm run demo

Another demonstration tender on the system that npm start has running, in another window.`;

async function main(): Promise<void> {
  readCommandLine(process.argv.slice(2), { options: {}, usage });
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
  endWith(error, [Error]);
});
