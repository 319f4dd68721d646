/** Lies that two organisations which conspire could put on the ledger, and what becomes of them. */
import type { Person } from '@procurement/chaincode/test-support/ledger';
import {
  type People,
  type Procurement,
  TENDER_ID,
} from '@procurement/chaincode/test-support/procurement';
import {
  CheckFailed,
  type Signer,
  type VerifiedProcedure,
  verifyProcedure,
} from '@procurement/client';
import { decodeCanonical } from '@procurement/protocol';
import { asking, blocksOf, type PaperEntry, PaperWorld, writing } from './paper-ledger';
import { publishedOnPaper, spoiled } from './paper-procedures';

/** Everything that was committed. */
export type Entries = readonly PaperEntry[];
/** A change of it. */
export type Lie = (entries: Entries) => Entries;
/** A change of one transaction. */
export type Change = (entry: PaperEntry) => PaperEntry;
/** A row of a table: how the lie is told, what it is, and the lie. */
export type LieRow = readonly [code: string, what: string, lie: Lie];

/** A hash of nothing. */
export const otherHash = 'A'.repeat(43);

/** Verifies the blocks that these transactions give. */
export async function verifyOnPaper(
  paper: PaperWorld,
  entries: Entries,
  tenderId = TENDER_ID,
): Promise<VerifiedProcedure> {
  const blocks = await blocksOf(paper, entries);
  return verifyProcedure(blocks, { tenderId, roots: paper.roots });
}

interface Told {
  readonly paper: PaperWorld;
  readonly people: People;
  readonly entries: Entries;
}

/** One procedure on paper, the truth of it, and the lies that are told about it. */
export class Telling {
  readonly #tenderId: string | undefined;
  #told: Told | undefined;

  /** @param tenderId of the tender that is verified, where it is not the one that is published */
  constructor(tenderId?: string) {
    this.#tenderId = tenderId;
  }

  /** Publishes a tender and lets the rest happen; before that nothing can be asked. */
  async begin(happens: (published: Procurement) => Promise<Entries>): Promise<void> {
    const paper = await PaperWorld.create();
    const published = await publishedOnPaper(paper);
    this.#told = { paper, people: published.people, entries: await happens(published) };
  }

  get paper(): PaperWorld {
    return this.#begun.paper;
  }

  /** What was committed in truth. */
  get entries(): Entries {
    return this.#begun.entries;
  }

  /** What somebody signs with. */
  signerOf(who: (people: People) => Person): Signer {
    const { paper, people } = this.#begun;
    return paper.signerOf(who(people));
  }

  /** Somebody else signs. */
  by(who: (people: People) => Person): Change {
    return (entry) => ({ ...entry, signer: this.signerOf(who) });
  }

  /** Verifies the truth. */
  verify(tenderId = this.#tenderId): Promise<VerifiedProcedure> {
    return verifyOnPaper(this.paper, this.entries, tenderId);
  }

  /** The code under which a lie is found. */
  async codeOf(lie: Lie): Promise<string> {
    const said = await verifyOnPaper(this.paper, lie(this.entries), this.#tenderId).catch(
      (error: unknown) => error,
    );
    return said instanceof CheckFailed ? said.code : 'nothing was found';
  }

  get #begun(): Told {
    if (this.#told === undefined) throw new RangeError('nothing has happened yet');
    return this.#told;
  }
}

/** It is signed at another time. */
export function later(byMs: number): Change {
  return (entry) => ({ ...entry, atMs: entry.atMs + byMs });
}

/** All changes, one after the other. */
export function both(...changes: readonly Change[]): Change {
  return (entry) => changes.reduce((changed, change) => change(changed), entry);
}

/** A transaction of this name does not come: the first, or that with this number. */
export function leftOut(name: string, which = 0): Lie {
  return (entries) => {
    const gone = entries.filter((one) => one.name === name)[which];
    return entries.filter((entry) => entry !== gone);
  };
}

/** The first transaction of this name comes a second time. */
export function doubled(name: string): Lie {
  return (entries) => {
    const twice = entries.find((one) => one.name === name);
    return entries.flatMap((entry) => (entry === twice ? [entry, entry] : [entry]));
  };
}

/** The first transaction of a name comes after that of another. */
export function afterThe(place: string, name: string): Lie {
  return (entries) => {
    const moved = entries.find((entry) => entry.name === name);
    return entries
      .filter((entry) => entry !== moved)
      .flatMap((entry) => (entry.name === place && moved ? [entry, moved] : [entry]));
  };
}

/** A change of the first value of a list in a record. */
export function inArray(
  member: string,
  change: (first: object) => object,
): (record: Record<string, unknown>) => object {
  return (record) => {
    const [first, ...others] = record[member] as object[];
    return { ...record, [member]: [change(first ?? {}), ...others] };
  };
}

/** A record without some of its members. */
export function without(record: object, ...members: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !members.includes(name)));
}

/** A bid with a false deal, for its vendor and for all who endorsed it. */
export const falseDeal: Change = (entry) => {
  const { envelope } = decodeCanonical(entry.input);
  const lie = { envelope: spoiled(envelope as object) };
  return both(
    asking(lie),
    writing('bid', (bid) => ({ ...bid, ...lie })),
  )(entry);
};
