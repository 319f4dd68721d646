/** Writes `sealed/vectors/tseal.json` anew: `node sealed/dist/test-support/write-vectors.js`. */
import { writeFileSync } from 'node:fs';
import { ready } from '../group';
import { vectorPath } from './own-files';
import { makeOwnVectors } from './own-vectors';

async function main(): Promise<void> {
  await ready();
  writeFileSync(vectorPath('tseal'), `${JSON.stringify(await makeOwnVectors(), undefined, 1)}\n`);
}

void main();
