import { createHash } from 'node:crypto';
import { ORGANIZATIONS } from '@procurement/protocol';

/** From one organisation's turn to the next one's. */
export const TURN_MS = 2_000;

/**
 * How long a gateway leaves a close to those before it. The organisations take turns from tender to
 * tender, so that two gateways do not write the same records at once, and none is always the first.
 * @param mspId of the gateway's own organisation
 */
export function turnMs({ mspId, tenderId }: { mspId: string; tenderId: string }): number {
  const names: readonly string[] = ORGANIZATIONS;
  const own = Math.max(0, names.indexOf(mspId));
  const [first = 0] = createHash('sha256').update(tenderId, 'utf8').digest();
  return ((own + first) % names.length) * TURN_MS;
}
