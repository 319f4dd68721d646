import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { send } from './http';

const LOOK_AGAIN_MS = 100;

/**
 * How far each endorser's clock is ahead, in seconds by organisation, as a gateway's metrics tell
 * once every one of them was measured.
 * @param gateway.url its address
 * @param gateway.folder its data folder, where the token lies
 */
export async function endorserSkews(
  gateway: { readonly url: string; readonly folder: string },
  count: number,
): Promise<Record<string, number>> {
  const token = readFileSync(join(gateway.folder, 'metrics.token'), 'utf8').trim();
  for (;;) {
    const { text } = await send(gateway.url, { path: '/metrics', token });
    const found = text.matchAll(/clock_skew_seconds\{organization="(\w+)"\} (\S+)/g);
    const told = [...found].map(([, mspId = '', skew]) => [mspId, Number(skew)] as const);
    if (told.length === count) return Object.fromEntries(told);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
