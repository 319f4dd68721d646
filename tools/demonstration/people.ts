import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcurementApi } from '@procurement/client';
import { bidders } from './scenario';
import type { People } from './procedure';

const SEAT_HOLDERS = [
  'ministry-seat-1',
  'ministry-seat-2',
  'auditor-seat-1',
  'auditor-seat-2',
  'association-seat-1',
];
const OFFICER = 'tashi';
const AUDITOR = 'auditor';

/** Names of the identities whose tokens are shown to whoever tries the demonstration. */
export const demonstrationNames: readonly string[] = [
  OFFICER,
  AUDITOR,
  ...SEAT_HOLDERS,
  ...bidders.map(({ person }) => person),
];

/** There is no token where the folder of the running system should have one. */
export class TokenMissing extends Error {
  override readonly name = 'TokenMissing';
}

/**
 * The bearer token that lies beside an identity in the wallet.
 * @throws {TokenMissing} where there is none
 */
export function tokenOf(dataFolder: string, name: string): string {
  const file = join(dataFolder, 'network', 'wallet', `${name}.token`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new TokenMissing(
      `There is no token ${file}. Set PROCUREMENT_DATA to the folder of the running system.`,
      { cause: error },
    );
  }
}

/**
 * Connections of the demonstration's people to a running gateway.
 * @param options.dataFolder the folder of the running system
 * @param options.baseUrl address of the gateway
 * @throws {TokenMissing} where the folder is another one
 */
export function connectPeople(options: {
  readonly dataFolder: string;
  readonly baseUrl: string;
}): People {
  const connect = (name: string): ProcurementApi =>
    new ProcurementApi({ baseUrl: options.baseUrl, token: tokenOf(options.dataFolder, name) });
  return {
    officer: connect(OFFICER),
    auditor: connect(AUDITOR),
    seats: SEAT_HOLDERS.map(connect),
    vendors: new Map(bidders.map(({ person }) => [person, connect(person)])),
  };
}
