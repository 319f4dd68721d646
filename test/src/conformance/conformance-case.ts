import type { Capability, Compat } from './network-driver';
import type { World } from './world';

/** Something to compare an observation with that is not the same in every generation of Fabric. */
export type ByCompat = Readonly<Record<Compat, unknown>>;

/** One request and what a network must answer to it. */
export interface ConformanceCase {
  /**
   * As in the recordings: number of the behaviour and a letter; `x…` and `d…` have no number. Those
   * that begin with `u` were not recorded.
   */
  readonly id: string;
  readonly title: string;
  readonly needs?: readonly Capability[];
  readonly observe: (world: World) => Promise<unknown>;
  /** What is known without a recording: the observation, or a part of it. */
  readonly expected?: unknown;
  /** Fields of the observation that chance decides, so that no recording can tell them. */
  readonly chance?: readonly string[];
  /** In place of `expected` where the generations differ. */
  readonly expectedByCompat?: ByCompat;
}

/** Cases about one thing, on a ledger that was brought into a state for them. */
export interface CaseGroup {
  readonly title: string;
  readonly needs?: readonly Capability[];
  readonly prepare?: (world: World) => Promise<void>;
  readonly cases: readonly ConformanceCase[];
}

/** Number of the behaviour in the list of 72 that a case is about, if any. */
export function behaviourNumberOf(id: string): number | undefined {
  const [digits] = /^\d+/.exec(id) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
