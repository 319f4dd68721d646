import type { LotAward } from '@procurement/protocol';

/** A lot and who got it, on a line. Amounts are in minor units, whatever the currency has of them. */
export function lotText(lot: LotAward): string {
  if (lot.outcome !== 'awarded') return `lot ${lot.lotId}: nobody`;
  const { lotId, vendorId, amount, currency } = lot;
  return `lot ${lotId}: ${vendorId} for ${amount} ${currency}, in minor units`;
}
