import { idSchema, Reject, tenderIdSchema } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** Address of a tender. */
export class TenderAddress extends createZodDto(z.strictObject({ tenderId: tenderIdSchema })) {}

/** Address of a vendor. */
export class VendorAddress extends createZodDto(z.strictObject({ vendorId: idSchema })) {}

/**
 * Refuses a body whose message is made for another tender than the one in the address.
 * @throws Reject FORMAT with the path of the message's tenderId
 */
export function sameTender(
  address: TenderAddress,
  at: string,
  message: { tenderId: string },
): void {
  if (message.tenderId !== address.tenderId) {
    throw new Reject('FORMAT', {
      path: `${at}.tenderId`,
      problem: 'not the tender of the address',
    });
  }
}

/** A command's input: the request body, and the tender of the address. */
export function onTender<Body extends object>(
  address: TenderAddress,
  body: Body,
): Body & { tenderId: string } {
  return Object.assign({}, body, { tenderId: address.tenderId });
}
