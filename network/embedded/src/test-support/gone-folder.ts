import { on } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Resolves when the folder does not exist any more; call it while it does. */
export async function awaitGone(folder: string): Promise<void> {
  const watcher = watch(dirname(folder));
  const changes = on(watcher, 'change');
  try {
    while (existsSync(folder)) await changes.next();
  } finally {
    watcher.close();
  }
}
