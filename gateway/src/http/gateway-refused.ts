/** How a refusal is told: HTTP status, and one sentence. */
export interface RefusalFacts {
  readonly status: number;
  readonly title: string;
}

/** The gateway itself refuses a request, by a code of its own; the ledger was not asked. */
export abstract class GatewayRefused extends Error {
  readonly code: string;
  readonly facts: RefusalFacts;
  readonly args: Readonly<Record<string, unknown>>;

  protected constructor(refusal: {
    readonly code: string;
    readonly facts: RefusalFacts;
    readonly args: Readonly<Record<string, unknown>>;
  }) {
    super(refusal.facts.title);
    this.code = refusal.code;
    this.facts = refusal.facts;
    this.args = refusal.args;
  }
}
