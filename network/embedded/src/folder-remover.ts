import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Told of folders over IPC; removes them when the channel closes, however the parent ended. */
const program = `
  const { rmSync } = require('node:fs');
  const folders = new Set();
  process.on('message', ({ add, remove }) => {
    if (add) folders.add(add);
    if (remove) folders.delete(remove);
  });
  process.on('disconnect', () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
`;

const folders = new Set<string>();
let remover: ChildProcess | undefined;

/**
 * Makes a folder in the system's temporary folder that does not outlive this process: where it is
 * killed, a child process that has nothing else to do removes the folder.
 * @param prefix begins its name
 */
export async function makePassingFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  folders.add(folder);
  remover ??= startRemover();
  remover.send({ add: folder });
  return folder;
}

/** Removes a folder that `makePassingFolder` made. */
export async function removePassingFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  folders.delete(folder);
  if (folders.size > 0) {
    remover?.send({ remove: folder });
    return;
  }
  remover?.disconnect();
  remover = undefined;
}

function startRemover(): ChildProcess {
  // In a group of its own, so that Ctrl-C does not end it before its parent.
  const child = spawn(process.execPath, ['-e', program], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
  });
  child.unref();
  child.channel?.unref();
  return child;
}
