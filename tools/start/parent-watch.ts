import { readFileSync } from 'node:fs';

const checkEveryMs = 250;

/** Who started this process when it began, and who started that one. */
const parent = process.ppid;
const grandparent = parentOf(parent);

/**
 * Calls back once when the process that started this one is gone. There is no channel to npm or a
 * shell, so the number of the parent is watched: the system gives an orphan another one. Between
 * npm and its script there may be a shell that outlives npm, so the parent's own parent counts too
 * where npm started us and the system tells it.
 * @returns stops watching
 */
export function onParentDeath(callback: () => void): () => void {
  const isNpmScript = process.env['npm_lifecycle_event'] !== undefined;
  const timer = setInterval(() => {
    const isOrphan = process.ppid !== parent;
    if (!isOrphan && !(isNpmScript && parentOf(parent) !== grandparent)) return;
    clearInterval(timer);
    callback();
  }, checkEveryMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** Linux tells it in the fourth field, after a name that may hold anything but ends with `)`. */
function parentOf(processId: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
