import { Injectable } from '@nestjs/common';
import { Identities } from '../identity/identities';
import type { Person } from '../identity/person';
import { decodeBlock } from '../trail/block-decoder';
import { tendersOf } from '../trail/trail-index';
import type { TrailEntry } from '../trail/trail-index';
import { isTelling } from '../trail/visibility';
import { QueryService } from '../transactions/query.service';

/** Knows when a block's content would tell one bidder of another before the opening. */
@Injectable()
export class BlockSecrecy {
  constructor(
    private readonly identities: Identities,
    private readonly queries: QueryService,
  ) {}

  /**
   * Whether a block holds steps of others from which bids can be counted, by their number or by the
   * lists that they write, and concerns a tender that is not opened. What the ledger does not say
   * is taken as not opened.
   * @param bytes serialised `common.Block`
   */
  async tellsOfOthers(bytes: Uint8Array, person: Person): Promise<boolean> {
    const others = decodeBlock(bytes).filter((entry) => isTelling(entry) && !isOf(entry, person));
    if (others.some(({ tenderId }) => tenderId === undefined)) return true;
    const tenderIds = [...new Set(others.flatMap(tendersOf))];
    const opened = await Promise.all(tenderIds.map((tenderId) => this.#isOpened(tenderId)));
    return opened.includes(false);
  }

  async #isOpened(tenderId: string): Promise<boolean> {
    const query = { name: 'tender:get', input: { tenderId } } as const;
    const tender = await this.queries.run(this.identities.service, query).catch(() => undefined);
    return tender?.opened !== undefined;
  }
}

function isOf({ signer }: TrailEntry, person: Person): boolean {
  return signer.mspId === person.mspId && signer.spki === person.spki;
}
