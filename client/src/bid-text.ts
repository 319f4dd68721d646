/** What an envelope holds: a bid, or of two envelopes the first, which has no amounts. */
import {
  type BidDocument,
  bidDocumentSchema,
  CanonicalJsonError,
  decodeCanonical,
  envelopeOf,
  type TechnicalBidDocument,
  technicalBidDocumentSchema,
} from '@procurement/protocol';

/** A bid, or a first envelope. */
export type AnyBidDocument = BidDocument | TechnicalBidDocument;

/** The form of what is sealed for a tender. */
export function bidSchemaOf(
  tenderId: string,
): typeof bidDocumentSchema | typeof technicalBidDocumentSchema {
  return envelopeOf(tenderId) === 'technical' ? technicalBidDocumentSchema : bidDocumentSchema;
}

/**
 * Reads an opened text.
 * @returns undefined where it is not of the form that the tender asks for
 */
export function readBidText(tenderId: string, text: string): AnyBidDocument | undefined {
  try {
    const parsed = bidSchemaOf(tenderId).safeParse(decodeCanonical(text));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}
