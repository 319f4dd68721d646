/**
 * Amounts and quantities. An amount is a whole number of a currency's minor units (for the ngultrum
 * the chhertum), a quantity has at most three decimal places; both travel as decimal text and are
 * reckoned with as bigint, so that no endorser ever rounds a binary fraction.
 */

const AMOUNT = /^(?:0|[1-9][0-9]{0,17})$/;
const QUANTITY = /^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,3})?$/;
const AMOUNT_LENGTH_MAX = 18;
const QUANTITY_LENGTH_MAX = 16;
const QUANTITY_PLACES = 3;
const THOUSANDTHS = 1000n;

/** The largest amount that has a text: 18 digits of minor units. */
export const AMOUNT_MAX_MINOR = 10n ** 18n - 1n;

/** Whether a text is an amount: `0`, or 1 to 18 digits that do not begin with 0. */
export function isAmount(text: string): boolean {
  return text.length <= AMOUNT_LENGTH_MAX && AMOUNT.test(text);
}

/** Whether a text is a quantity: up to 12 digits, and up to three places after a point. */
export function isQuantity(text: string): boolean {
  return text.length <= QUANTITY_LENGTH_MAX && QUANTITY.test(text);
}

/**
 * Minor units of an amount's text.
 * @throws {RangeError} where the text is no amount
 */
export function parseAmount(text: string): bigint {
  if (!isAmount(text)) throw new RangeError('not an amount in minor units');
  return BigInt(text);
}

/**
 * The text of an amount in minor units.
 * @throws {RangeError} below zero or above {@link AMOUNT_MAX_MINOR}
 */
export function formatAmount(amountMinor: bigint): string {
  if (amountMinor < 0n || amountMinor > AMOUNT_MAX_MINOR) {
    throw new RangeError('an amount has no sign and at most 18 digits');
  }
  return amountMinor.toString();
}

/**
 * Thousandths of the unit that a quantity's text stands for: `1.5` gives 1500n.
 * @throws {RangeError} where the text is no quantity
 */
export function parseQuantity(text: string): bigint {
  if (!isQuantity(text)) throw new RangeError('not a quantity of at most three places');
  const [whole = '0', places = ''] = text.split('.');
  return BigInt(whole) * THOUSANDTHS + BigInt(places.padEnd(QUANTITY_PLACES, '0'));
}

/**
 * Quantity times rate in minor units, rounded half up. The result may exceed what
 * {@link formatAmount} can write; the caller decides what such a bid is worth.
 * @throws {RangeError} where one of the texts is malformed
 */
export function lineAmountMinor(line: {
  readonly quantity: string;
  readonly rate: string;
}): bigint {
  const product = parseQuantity(line.quantity) * parseAmount(line.rate);
  return (product + THOUSANDTHS / 2n) / THOUSANDTHS;
}
