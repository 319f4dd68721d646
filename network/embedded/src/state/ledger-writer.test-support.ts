import { nextBatch } from './ledger-blocks.test-support';
import { Ledger } from './ledger';

/** Commits blocks for ever to the ledger in a folder and prints each height, until killed. */
async function writeForEver(folder: string): Promise<never> {
  const ledger = await Ledger.open(folder);
  for (;;) {
    await ledger.commit(nextBatch(ledger));
    process.stdout.write(`${String(ledger.height)}\n`);
  }
}

void writeForEver(process.argv[2] ?? '');
