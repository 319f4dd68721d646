import { QUERIES, type QueryResult } from '@procurement/protocol';

/** Who signed a transaction. Two people are the same where organisation and public key are. */
export interface Caller {
  readonly mspId: string;
  /** SHA-256 of the certificate's SubjectPublicKeyInfo, base64url. */
  readonly spki: string;
  /** The certificate's attribute `role`; empty where it has none. */
  readonly role: string;
  /** The certificate's attribute `agency`, which officers have. */
  readonly agency: string | undefined;
  /** Until when the certificate says that it holds, in milliseconds since 1970. */
  readonly expiresMs: number;
}

/** Whether two identities are the same person; with several CAs a subject's name would not do. */
export function isSamePerson(
  left: { readonly mspId: string; readonly spki: string },
  right: { readonly mspId: string; readonly spki: string },
): boolean {
  return left.mspId === right.mspId && left.spki === right.spki;
}

/** What the ledger tells a caller about itself. */
export function whoIs(
  { mspId, spki, role, agency }: Caller,
  vendorId: string | undefined,
): QueryResult<'audit:whoami'> {
  return QUERIES['audit:whoami'].result.parse({ mspId, spki, role, agency, vendorId });
}
