import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { RecordedLedger } from '../replay/recorded-ledger';

/** Folder of what unmodified Fabric peers recorded; FABRIC_GOLDEN names another one. */
export const goldenFolder =
  process.env['FABRIC_GOLDEN'] ?? resolve(__dirname, '../../../../../shared/data/fabric-golden');

/** Folder of the recorded ledger. */
export const ledgerFolder = join(goldenFolder, 'ledger-2.5.16');

/** Like `describe`, but skips with a message where the recording is absent. */
export function describeWithGolden(title: string, body: () => void): void {
  if (existsSync(ledgerFolder)) {
    describe(title, body);
    return;
  }
  describe.skip(`${title} (needs the recording that FABRIC_GOLDEN names)`, () => {
    test('is compared with the recording', () => undefined);
  });
}

/** Block 0 of the recorded channel. */
export function goldenGenesis(): common.Block {
  return common.Block.deserializeBinary(readFileSync(join(ledgerFolder, 'genesis.block')));
}

/** All blocks of the recorded ledger in order, as a peer stored them. */
export function goldenBlocks(): common.Block[] {
  return new RecordedLedger(ledgerFolder).blocks();
}

/** A text file of the recorded ledger, such as `msp/ministry.test/cacerts/…`. */
export function goldenText(...path: readonly string[]): string {
  return readFileSync(join(ledgerFolder, ...path), 'utf8');
}

/** A JSON file of the recorded ledger. */
export function goldenJson(file: string): unknown {
  return JSON.parse(goldenText(file));
}
