import type { IdentityRefusal } from './identity-source';

/** Where a Fabric CA server answers. */
export const apiPath = '/api/v1/';

/** The envelope of every answer (lib/serverendpoint.go). */
export interface FabricCaAnswer {
  readonly result?: unknown;
  readonly errors?: readonly { readonly code: number; readonly message: string }[];
  readonly success: boolean;
}

/** HTTP status and error code of a refusal (lib/caerrors/servererror.go). */
export const refusals: Readonly<Record<IdentityRefusal, { status: number; code: number }>> = {
  unauthenticated: { status: 401, code: 20 },
  unauthorized: { status: 403, code: 71 },
  'already-registered': { status: 409, code: 74 },
  'already-revoked': { status: 404, code: 66 },
  'not-found': { status: 404, code: 10 },
  malformed: { status: 400, code: 5 },
  unreachable: { status: 503, code: 0 },
  failed: { status: 500, code: 0 },
};

/** Codes that mean the same to a caller as one of {@link refusals}. */
const synonyms: Readonly<Record<number, IdentityRefusal>> = {
  2: 'unauthenticated',
  8: 'not-found',
  31: 'malformed',
  // A name that is not known, when its secret is asked for.
  23: 'unauthenticated',
  77: 'malformed',
};

/** What an error code of a Fabric CA server means. */
export function refusalOf(code: number): IdentityRefusal {
  const known = Object.entries(refusals).find(([, one]) => one.code === code && code !== 0);
  return (known?.[0] as IdentityRefusal | undefined) ?? synonyms[code] ?? 'failed';
}
