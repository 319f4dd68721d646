import { readFile } from 'node:fs/promises';

/** Clock ticks a second in /proc (USER_HZ), the same on every Linux platform that Node runs on. */
const ticksPerSecond = 100;

/** Memory of a process that is in RAM; NaN where there is no /proc. */
export async function residentMegabytes(processId: number): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Processor time that a process has used so far, in milliseconds; NaN where there is no /proc. */
export async function processorMs(processId: number): Promise<number> {
  const line = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  // The name in brackets may hold spaces; utime and stime are the 12th and 13th after it.
  const [user, system] = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return ((Number(user) + Number(system)) * 1000) / ticksPerSecond;
}
