import { COMMANDS } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';

const REQUEST = { requestId: 'request-1' };

const TENDER = {
  tenderId: 'MoIT-2026-W-017',
  title: 'Construction of a 24 m bridge at Punakha',
  description: 'Reinforced concrete bridge with approach roads.',
  buyer: { agency: 'MoIT', name: 'Ministry of Infrastructure and Transport' },
  currency: 'BTN',
  items: [{ itemId: 'I-1', description: 'Excavation', unit: 'm3', quantity: '1250.5' }],
  lots: [{ lotId: 'L-1', title: 'Bridge', itemIds: ['I-1'] }],
  documents: [],
  deadline: '2026-03-01T09:00:00.000Z',
  graceMs: 120_000,
  committee: { t: 3, seats: [] },
  awardCriterion: 'lowest-evaluated-amount',
};

/** Body of a new tender. */
export class CreateTender extends createZodDto(
  COMMANDS['tender:create'].input.meta({ example: { ...REQUEST, tender: TENDER } }),
) {}

/** Body of a publication. */
export class PublishTender extends createZodDto(
  COMMANDS['tender:publish'].input.omit({ tenderId: true }).meta({ example: REQUEST }),
) {}

/** Body of a cancellation. */
export class CancelTender extends createZodDto(
  COMMANDS['tender:cancel'].input
    .omit({ tenderId: true })
    .meta({ example: { ...REQUEST, reason: 'Funding was withdrawn.' } }),
) {}

/** Body of a closure. */
export class CloseTender extends createZodDto(
  COMMANDS['tender:close'].input.omit({ tenderId: true }).meta({ example: REQUEST }),
) {}
