'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.ChildFailed = void 0;
exports.startChild = startChild;
const node_child_process_1 = require('node:child_process');
/** A child that could not start; the message is one sentence for the person who started it. */
class ChildFailed extends Error {
  name = 'ChildFailed';
}
exports.ChildFailed = ChildFailed;
const forceAfterMs = 10_000;
/**
 * Starts a program of ours with a channel to it, and waits until it says that it is ready. The
 * program watches the channel and ends when this process is gone, however that came about.
 * @throws {ChildFailed} where it says that it failed, or ends before it is ready
 */
async function startChild(options) {
  const child = (0, node_child_process_1.fork)(options.file, [...options.args], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A Ctrl-C reaches the whole process group; its end must be ours to order.
    detached: true,
  });
  const ended = new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const announced = await firstWord(options.name, child);
  return {
    name: options.name,
    pid: child.pid ?? 0,
    announced,
    ended,
    stop: () => stopChild(child, ended),
  };
}
function firstWord(name, child) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new ChildFailed(`The ${name} process did not start: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      reject(new ChildFailed(`The ${name} process ended before it was ready (${signal ?? code}).`));
    });
    child.once('message', (message) => {
      const word = message;
      if (word.type === 'ready') resolve(word);
      else reject(new ChildFailed(word.message));
    });
  });
}
async function stopChild(child, ended) {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), forceAfterMs);
  await ended;
  clearTimeout(force);
}
//# sourceMappingURL=child.js.map
