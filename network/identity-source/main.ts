/** `npm run identity`: enrols, renews and revokes identities at an embedded or a Fabric CA. */
import { CryptoStoreError } from '../certificates/crypto-files';
import { endWith } from '../command/command-line';
import { TopologyError } from '../topology';
import { runIdentity, serveIdentities } from './command';
import { IdentitySourceError } from './identity-source';

async function main(args: readonly string[]): Promise<void> {
  if (args[0] !== 'serve') {
    for (const line of await runIdentity(args, process.env)) process.stdout.write(`${line}\n`);
    return;
  }
  const server = await serveIdentities(args, process.env);
  process.stdout.write(`the CA answers at ${server.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void server.close();
    });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  endWith(error, [IdentitySourceError, CryptoStoreError, TopologyError]);
});
