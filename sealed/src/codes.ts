/**
 * Why a message of the sealing protocol is refused. The codes are those of TSEAL-V1; each check
 * names one, and the first check that fails decides.
 */
export const SEAL_CODES = [
  'FORMAT',
  'SIGNER',
  'SIZE',
  'SEAT',
  'SCALAR',
  'POINT',
  'IDENTITY',
  'DUPLICATE',
  'POP',
  'ORG',
  'COUNT',
  'CT_LEN',
  'CT_HASH',
  'VERSION',
  'DEAL',
  'STATE',
  'LIST',
  'CHUNK',
  'REPEAT',
  'OPEN',
  'FEW',
  'MISSING',
  'SELF',
] as const;

/** One reason for a refusal. */
export type SealCode = (typeof SEAL_CODES)[number];

/** A refusal: the code, and the part of the message that failed (`z_3`, `seat 2`, `ctHash`). */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly code: SealCode;
  readonly item: string;

  constructor(code: SealCode, item: string) {
    super(`${code}: ${item}`);
    this.code = code;
    this.item = item;
  }
}

/**
 * Refuses unless a condition holds.
 * @throws {SealError} with the code and item given
 */
export function demand(condition: boolean, code: SealCode, item: string): asserts condition {
  if (!condition) throw new SealError(code, item);
}
