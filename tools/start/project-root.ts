import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout's folder, whether this runs from its sources or from what was built of them. */
export const projectRoot = rootAbove(__dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('this program runs only inside its checkout');
  return rootAbove(parent);
}
