/** Envelopes as they are stored. */
import { type BidRecord, Reject } from '@procurement/protocol';
import type { Envelope } from '@procurement/sealed';

/**
 * An envelope that carries its own ciphertext.
 * @throws {Reject} RECEIPT where it names stores instead
 */
export function inlineEnvelope({ ref: _stores, ct, ...rest }: Envelope): BidRecord['envelope'] {
  if (ct === undefined) throw new Reject('RECEIPT', { item: 'ref' });
  return { ...rest, ct };
}
