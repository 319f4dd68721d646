/**
 * The end of a process at a fault that no call has caught: an error thrown after the answer, a
 * promise that nobody waits for. Fabric's shim logs both and goes on (fabric-shim `lib/logger.js`),
 * with a call that hangs until the peer gives it up, and with whatever state the fault has left.
 * Whoever runs the process starts another one, and the peer dials it at its next call.
 */
import { writeSync } from 'node:fs';

const STANDARD_ERROR = 2;
const EXIT_CODE = 70;

/** Ends this process at the first fault of that kind, before the shim's own listeners hear of it. */
export function endAtFaults(): void {
  process.prependListener('uncaughtException', (fault) => {
    end('uncaught exception', fault);
  });
  process.prependListener('unhandledRejection', (fault) => {
    end('unhandled rejection', fault);
  });
}

function end(what: string, fault: unknown): never {
  writeSync(STANDARD_ERROR, `${what}: ${placeOf(fault)}\n`);
  process.exit(EXIT_CODE);
}

/** Name and place of a fault. Its message stays out: it may quote what a caller has sent. */
function placeOf(fault: unknown): string {
  if (!(fault instanceof Error)) return typeof fault;
  const frames = (fault.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [fault.name, ...frames].join('\n');
}
