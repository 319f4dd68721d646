import { peer } from '@hyperledger/fabric-protos';

const NAMES = new Map<number, string>(
  Object.entries(peer.TxValidationCode).map(([name, code]) => [code, name]),
);

/** The code of a transaction that changed the ledger. */
export const VALID = peer.TxValidationCode.VALID;

/**
 * @param code `protos.TxValidationCode`, as in slot 2 of a block's metadata
 * @returns its name in Fabric, such as `VALID` or `MVCC_READ_CONFLICT`
 */
export function validationCodeName(code: number): string {
  return NAMES.get(code) ?? `CODE_${String(code)}`;
}
