/** The register of vendors. */
import type { CommandInput, Fact, VendorRecord } from '@procurement/protocol';

/** The record of a vendor who registers; its owner is whoever signed. */
export function registerVendor(
  command: CommandInput<'vendor:register'>,
  registered: Fact,
): VendorRecord {
  const { vendorId, name, licence } = command;
  return {
    schema: 'vendor/1',
    ...{ vendorId, name, licence },
    owner: registered.by,
    registered,
  };
}
