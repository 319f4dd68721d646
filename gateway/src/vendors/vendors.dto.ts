import { COMMANDS } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';

/** Body of a registration. */
export class RegisterVendor extends createZodDto(
  COMMANDS['vendor:register'].input.meta({
    example: {
      requestId: 'register-1',
      vendorId: 'druk-construction',
      name: 'Druk Construction (fictional)',
      licence: 'CDB-0000',
    },
  }),
) {}
