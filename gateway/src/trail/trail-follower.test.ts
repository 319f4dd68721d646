import { describe, expect, test } from '@jest/globals';
import { Identities } from '../identity/identities';
import { TokenRegistry } from '../identity/tokens';
import type { BlocksRequest, LedgerBlock } from '../ledger/ledger.port';
import { BlocksInterrupted } from '../ledger/stage-errors';
import { testBlock } from '../test-support/blocks';
import { FakeLedger } from '../test-support/fake-ledger';
import { newTestIdentity } from '../test-support/gateway-under-test';
import { MemoryTrail } from './memory-trail';
import { TrailFollower } from './trail-follower';

/** Breaks its stream after every second block, and before the first one once. */
class UnsteadyLedger extends FakeLedger {
  readonly starts: bigint[] = [];

  override async *blocks(request: BlocksRequest): AsyncIterable<LedgerBlock> {
    this.starts.push(request.from);
    let given = 0;
    if (this.starts.length === 1) throw new BlocksInterrupted({ message: 'not yet' });
    for await (const block of super.blocks(request)) {
      yield block;
      given += 1;
      if (given === 2) throw new BlocksInterrupted({ message: 'broken' });
    }
  }
}

describe('the follower', () => {
  test('goes on after a broken stream where it had come to, and ends when asked', async () => {
    const ledger = new UnsteadyLedger();
    const trail = new MemoryTrail();
    const service = newTestIdentity({ name: 'gateway', mspId: 'AuditorMSP', role: 'gateway' });
    const identities = new Identities({ service, tokens: new TokenRegistry() });
    for (let number = 0; number < 5; number += 1) ledger.addBlock(testBlock(number, []));
    const follower = new TrailFollower(ledger, identities, trail);

    follower.onApplicationBootstrap();
    expect(await trail.reached(4n, 30_000)).toBe(true);
    await follower.onApplicationShutdown();

    expect(ledger.starts).toEqual([0n, 0n, 2n, 4n]);
    expect(trail.next).toBe(5n);
  });
});
