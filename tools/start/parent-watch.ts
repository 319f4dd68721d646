const checkEveryMs = 500;

/**
 * Calls back once when the process that started this one is gone. There is no channel to npm or a
 * shell, so the number of the parent is watched: the system gives an orphan another one.
 */
export function onParentDeath(callback: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, checkEveryMs);
  timer.unref();
}
