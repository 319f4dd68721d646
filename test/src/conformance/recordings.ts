import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from '@procurement/tools/start/project-root';
import type { Compat } from './network-driver';

/** What real peers answered to the request of a case. */
export interface Recording {
  readonly id: string;
  readonly title: string;
  readonly observed: unknown;
}

/** Where recordings are looked for; FABRIC_GOLDEN names another folder. */
export const recordingsFolder =
  process.env['FABRIC_GOLDEN'] ?? resolve(projectRoot, '../shared/data/fabric-golden');

/** The recordings of one generation of Fabric by case, or undefined where there are none. */
export function recordingsOf(compat: Compat): ReadonlyMap<string, Recording> | undefined {
  const file = join(recordingsFolder, 'behaviours-2.5.16.json');
  if (!existsSync(file)) return undefined;
  const base = JSON.parse(readFileSync(file, 'utf8')) as Recording[];
  const found = new Map(base.map((one) => [one.id, one]));
  if (compat === '2.5') return found;
  const { comparedIds, differences } = JSON.parse(
    readFileSync(join(recordingsFolder, 'behaviours-3.1.5-differences.json'), 'utf8'),
  ) as { comparedIds: string[]; differences: { id: string; 'observed3.1.5': unknown }[] };
  for (const id of found.keys()) if (!comparedIds.includes(id)) found.delete(id);
  for (const one of differences) {
    const before = found.get(one.id);
    if (before) found.set(one.id, { ...before, observed: one['observed3.1.5'] });
  }
  return found;
}
