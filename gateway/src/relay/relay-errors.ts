import { FabricMessageError } from '@procurement/protocol/fabric';
import { GatewayRefused } from '../http/gateway-refused';
import type { RefusalFacts } from '../http/gateway-refused';

/** Why a gateway does not relay something, or let somebody in. */
const RELAY_PROBLEMS = {
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
} as const satisfies Record<string, RefusalFacts>;

/** The gateway does not relay this, or lets nobody in by it. Nothing was sent on. */
export class RelayRefused extends GatewayRefused {
  override readonly name = 'RelayRefused';

  constructor(code: keyof typeof RELAY_PROBLEMS, args: RelayRefused['args'] = {}) {
    super({ code, facts: RELAY_PROBLEMS[code], args });
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
