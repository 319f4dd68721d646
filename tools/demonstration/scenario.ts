/**
 * The demonstration's tender as data. The ministry's name is real, the road, the firms, the people
 * and the prices are not.
 */

/** One line of the bill of quantities, with the rate from which the bidders' rates are made. */
export interface BillLine {
  readonly itemId: string;
  readonly lotId: string;
  readonly description: string;
  readonly unit: string;
  /** Decimal string of at most three places. */
  readonly quantity: string;
  /** Chhertum (1/100 ngultrum) for one unit. */
  readonly baseRate: bigint;
}

/** What a fictional bidder offers. */
export interface Bidder {
  /** Name of its identity in the wallet. */
  readonly person: string;
  readonly vendorId: string;
  readonly name: string;
  readonly licence: string;
  /** Its price level for each lot it bids on, in thousandths of the base rate. */
  readonly level: Readonly<Record<string, bigint>>;
  /** What is wrong with its bid, if anything is. */
  readonly flaw?: 'total-too-low' | 'item-twice';
}

export const agency = { id: 'MoIT', name: 'Ministry of Infrastructure and Transport' };
export const currency = 'BTN';

export const lots = [
  { lotId: 'bridge', title: 'Reinforced concrete girder bridge of 30 m span' },
  { lotId: 'road', title: 'Approach road of 1.2 km' },
] as const;

export const bill: readonly BillLine[] = [
  line('bridge', 'B1', 'Excavation for foundations, all soils', 'm3', '420.5', 38_500n),
  line('bridge', 'B2', 'Lean concrete M15', 'm3', '38.25', 812_000n),
  line('bridge', 'B3', 'Reinforced concrete M25, substructure', 'm3', '265', 1_265_000n),
  line('bridge', 'B4', 'Reinforced concrete M30, superstructure', 'm3', '148.75', 1_480_000n),
  line('bridge', 'B5', 'Reinforcing steel Fe 500', 'kg', '41250', 11_850n),
  line('bridge', 'B6', 'Elastomeric bearings', 'piece', '8', 3_950_000n),
  line('bridge', 'B7', 'Steel hand rail', 'm', '62', 465_000n),
  line('road', 'R1', 'Formation cutting', 'm3', '5600', 24_500n),
  line('road', 'R2', 'Gabion retaining walls', 'm3', '320.125', 415_000n),
  line('road', 'R3', 'Granular sub-base', 'm3', '1440', 196_000n),
  line('road', 'R4', 'Bituminous carpet, 20 mm', 'm2', '6600', 58_750n),
  line('road', 'R5', 'Lined side drain', 'm', '1150', 142_500n),
];

export const bidders: readonly Bidder[] = [
  bidder(1, 'Example Himalaya Builders (fictional)', { bridge: 1_042n, road: 987n }),
  bidder(2, 'Sample Valley Works (fictional)', { bridge: 991n, road: 1_015n }),
  bidder(3, 'Specimen Bridge Company (fictional)', { bridge: 1_008n }, 'total-too-low'),
  bidder(4, 'Model Road Constructors (fictional)', { road: 987n }),
  bidder(5, 'Placeholder Engineering (fictional)', { bridge: 940n, road: 1_070n }, 'item-twice'),
];

function line(
  lotId: string,
  itemId: string,
  description: string,
  ...[unit, quantity, baseRate]: [string, string, bigint]
): BillLine {
  return { lotId, itemId, description, unit, quantity, baseRate };
}

function bidder(
  number: number,
  name: string,
  level: Readonly<Record<string, bigint>>,
  flaw?: NonNullable<Bidder['flaw']>,
): Bidder {
  const vendorId = `vendor-${number}`;
  const licence = `FICTIONAL-${String(1000 + number)}`;
  return { person: vendorId, vendorId, name, licence, level, ...(flaw ? { flaw } : {}) };
}
