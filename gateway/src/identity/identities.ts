import type { Settings } from '../config/settings';
import { tokenFolder, walletFolder } from '../config/settings';
import { loadToken, TokenRegistry } from './tokens';
import type { Identity } from './wallet';
import { readWallet, WalletError } from './wallet';

/** Certificate role of the gateway's own identities: they read blocks and run no command. */
const SERVICE_ROLE = 'gateway';

/** Who may call the gateway, and as whom the gateway itself reads blocks. */
export class Identities {
  /** The gateway's own identity. */
  readonly service: Identity;
  readonly #tokens: TokenRegistry<Identity>;

  constructor(parts: { service: Identity; tokens: TokenRegistry<Identity> }) {
    this.service = parts.service;
    this.#tokens = parts.tokens;
  }

  /** The identity that a bearer token stands for. */
  byToken(token: string): Identity | undefined {
    return this.#tokens.find(token);
  }
}

/**
 * Reads the wallet and makes the tokens that are missing. Only the service accounts of the settings
 * get any: the gateway signs for no one else, and nobody calls as the gateway itself.
 * @param mspIds organisations that the gateway has a connection profile of; others' identities stay
 * @throws WalletError if the wallet cannot be read or holds no identity for the gateway itself
 */
export async function loadIdentities(
  settings: Settings,
  mspIds: readonly string[],
): Promise<Identities> {
  const folder = walletFolder(settings);
  const wallet = (await readWallet(folder)).filter(({ mspId }) => mspIds.includes(mspId));
  const service = wallet.find((identity) => identity.role === SERVICE_ROLE);
  if (service === undefined) {
    throw new WalletError(
      `no identity in ${folder} has the certificate role "${SERVICE_ROLE}": ` +
        'enrol one for the gateway, which reads blocks with it',
    );
  }
  const accounts = settings.serviceAccounts.map((name) => accountOf(wallet, name));
  const tokens = new TokenRegistry<Identity>();
  for (const identity of accounts) {
    tokens.add(await loadToken(tokenFolder(settings), identity.name), identity);
  }
  return new Identities({ service, tokens });
}

function accountOf(wallet: readonly Identity[], name: string): Identity {
  const account = wallet.find((identity) => identity.name === name);
  if (account !== undefined && account.role !== SERVICE_ROLE) return account;
  throw new WalletError(
    `PROCUREMENT_SERVICE_ACCOUNTS names ${name}, which the wallet does not hold as an account: ` +
      'enrol it, or leave it out',
  );
}
