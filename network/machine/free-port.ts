import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections (Linux: from 32768 on). */
const portMin = 12_000;
const portMax = 32_000;

/**
 * A port that nobody listens on at the moment. It is drawn at random, so that two who look at the
 * same time hardly find the same, and nobody gets it who only asks for any port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(portMin, portMax);
    if (await isPortFree(port)) return port;
  }
}

/** Whether a program could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
