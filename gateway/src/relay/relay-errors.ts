import { FabricMessageError } from '@procurement/protocol/fabric';

/** Why a gateway does not relay or keep something: code, HTTP status, and one sentence. */
export const RELAY_PROBLEMS = {
  RELAY_UNSUPPORTED: {
    status: 501,
    title: 'This gateway signs for service accounts only; it passes on nothing signed elsewhere.',
  },
  RELAY_STRUCTURE: {
    status: 422,
    title: 'What was signed is not one transaction of this ledger and nothing else.',
  },
  RELAY_TARGET: {
    status: 422,
    title: 'What was signed is addressed to another channel, chaincode or transaction.',
  },
  RELAY_CREATOR: {
    status: 403,
    title: 'What was signed names another signer than the one who has signed in.',
  },
  NOT_VALID: {
    status: 409,
    title: 'The ledger holds the transaction as invalid, so there is no receipt of it.',
  },
  BLOCK_WITHHELD: {
    status: 403,
    title: 'There is no such block yet, or it holds bids of others that are still sealed.',
  },
  FOR_VENDORS: {
    status: 403,
    title: 'Only vendors hand in what this store keeps.',
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
  SIGN_IN: {
    status: 401,
    title: 'The challenge is not open, or was not the one that was signed.',
  },
  FOR_PEOPLE: {
    status: 403,
    title: 'This route passes on what people sign; it is not for service accounts.',
  },
  FOR_SERVICE_ACCOUNTS: {
    status: 403,
    title: 'This route signs with the key of a service account; people sign for themselves.',
  },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** A code of {@link RELAY_PROBLEMS}. */
export type RelayCode = keyof typeof RELAY_PROBLEMS;

/** The gateway does not relay or keep this. Nothing was sent on. */
export class RelayRefused extends Error {
  override readonly name = 'RelayRefused';
  readonly code: RelayCode;
  readonly args: Readonly<Record<string, unknown>>;

  constructor(code: RelayCode, args: RelayRefused['args'] = {}) {
    super(RELAY_PROBLEMS[code].title);
    this.code = code;
    this.args = args;
  }
}

/**
 * What a reader of Fabric's messages gives, with its refusal as this gateway's.
 * @throws RelayRefused RELAY_STRUCTURE naming the part
 */
export async function readOrRefuse<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    throw new RelayRefused('RELAY_STRUCTURE', { part: error.part });
  }
}
