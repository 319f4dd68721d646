import { MAX_DEGREE, RangeSummary } from './range-query-info';
import type { RangeQuery } from './rwset';
import type { OpenRange } from './rwset-builder';
import type { RowIterator, StateRow } from './versioned-value';

/** A range in simulation; what is read from it becomes part of the read set. */
export class SimulatedRange implements OpenRange {
  readonly #rows: RowIterator;
  readonly #startKey: string;
  readonly #requestedEnd: string;
  readonly #summary = new RangeSummary(MAX_DEGREE);
  readonly #limit: number;
  #lastKey = '';
  #exhausted = false;
  #returned = 0;

  /** @param limit most rows to give out; 0 = all */
  constructor(rows: RowIterator, range: { startKey: string; endKey: string; limit: number }) {
    this.#rows = rows;
    this.#startKey = range.startKey;
    this.#requestedEnd = range.endKey;
    this.#limit = range.limit;
  }

  /** The next row, or undefined at the end of the range or at the limit. */
  async next(): Promise<StateRow | undefined> {
    const atLimit = this.#limit > 0 && this.#returned >= this.#limit;
    const row = atLimit ? undefined : await this.#rows.next();
    if (!row) {
      this.#exhausted = true;
      return undefined;
    }
    this.#returned += 1;
    this.#summary.add({ key: row.key, version: row.version });
    this.#lastKey = row.key;
    return row;
  }

  /** The key after the last row given out, '' at the end of the range; not a read. */
  async bookmark(): Promise<string> {
    return (await this.#rows.next())?.key ?? '';
  }

  /** @inheritdoc */
  describe(): RangeQuery {
    const finished = this.#summary.finish();
    return {
      startKey: this.#startKey,
      endKey: this.#exhausted ? this.#requestedEnd : this.#lastKey,
      exhausted: this.#exhausted,
      reads: 'reads' in finished ? finished.reads : undefined,
      merkle: finished.merkle,
    };
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}
