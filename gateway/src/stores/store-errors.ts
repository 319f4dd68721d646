import { GatewayRefused } from '../http/gateway-refused';
import type { RefusalFacts } from '../http/gateway-refused';

/** Why a store does not keep or give something. */
const STORE_PROBLEMS = {
  FOR_VENDORS: {
    status: 403,
    title: 'Only vendors, and officers for the official estimate, hand in what this store keeps.',
  },
  STORE_BID: {
    status: 403,
    title: 'The bid is none of the vendor who has signed in. Sign in again after registering.',
  },
  STORE_ESTIMATE: {
    status: 403,
    title: "The official estimate is handed in by the buyer's own officers.",
  },
  STORE_TENDER: {
    status: 409,
    title: 'The tender takes no bids, so the store keeps nothing for it.',
  },
  STORE_QUOTA: {
    status: 413,
    title: 'The store keeps no more for this vendor and tender.',
  },
  STORE_EMPTY: {
    status: 400,
    title: 'The request brings nothing to keep.',
  },
  STORE_LENGTH: {
    status: 411,
    title: 'The request has to say how many bytes it brings.',
  },
  STORE_SIZE: {
    status: 413,
    title: 'The store takes nothing that long.',
  },
  STORE_HASH: {
    status: 422,
    title: 'What came has another SHA-256 than the address names; nothing was kept.',
  },
  STORE_DOWN: {
    status: 503,
    title: 'The place where this store keeps its bytes does not answer; nothing was signed.',
  },
  STORE_NOT_FOUND: {
    status: 404,
    title: 'The store keeps nothing under this hash.',
  },
} as const satisfies Record<string, RefusalFacts>;

/** The store does not keep or give this. Nothing was signed. */
export class StoreRefused extends GatewayRefused {
  override readonly name = 'StoreRefused';

  constructor(code: keyof typeof STORE_PROBLEMS, args: StoreRefused['args'] = {}) {
    super({ code, facts: STORE_PROBLEMS[code], args });
  }
}
