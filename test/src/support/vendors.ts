/** Vendors whose keys were made for a test, and the bids that they seal. */
import { join } from 'node:path';
import {
  type BidSubmission,
  type CheckedTender,
  importPrivateKey,
  newSigner,
  type ProcurementApi,
  SignedApi,
} from '@procurement/client';
import { CertificateOffice } from '@procurement/network/identity-source/certificate-office';
import { EmbeddedSource } from '@procurement/network/identity-source/embedded-source';
import { ready, seal } from '@procurement/sealed';
import { pinnedRoots } from '@procurement/tools/demonstration/roots';
import type { System } from './procedure';

const mspId = 'VendorMSP';
const domain = 'vendors.example';
const AT_ONCE = 8;

/** A registered vendor that signs with a key of its own. */
export interface Vendor {
  readonly vendorId: string;
  readonly spki: string;
  readonly api: ProcurementApi;
}

/** One sealed bid and whose it is. */
export interface VendorBid {
  readonly vendor: Vendor;
  readonly lotId: string;
  readonly submission: BidSubmission;
}

/** Does something with each, a few at a time; the results in order. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  act: (item: Item, index: number) => Promise<Result>,
  atOnce = AT_ONCE,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item !== undefined) results[index] = await act(item, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/**
 * So many vendors of a running system: keys, certificates of the vendors' CA, entries in the
 * register.
 * @param name stands before each one's number
 */
export async function enrolVendors(
  { folder, stack }: System,
  { name, count }: { readonly name: string; readonly count: number },
): Promise<Vendor[]> {
  const networkFolder = join(folder, 'network');
  const organizationFolder = join(networkFolder, 'organizations', 'peerOrganizations', domain);
  const source = new EmbeddedSource(await CertificateOffice.open({ domain, organizationFolder }));
  const roots = pinnedRoots(networkFolder);
  const vendorIds = Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
  return eachOf(vendorIds, async (vendorId) => {
    const attributes = { role: 'vendor' };
    const secret = await source.register({ name: vendorId, type: 'client', attributes });
    const { certificatePem, privateKeyPem } = await source.enrol({ name: vendorId, secret });
    const pkcs8 = Buffer.from(privateKeyPem.replace(/-----[^-]+-----/g, ''), 'base64');
    const identity = { mspId, certificate: certificatePem };
    const signer = newSigner(identity, await importPrivateKey(pkcs8));
    const api = new SignedApi({ baseUrl: stack.url, roots, signer });
    const entry = { vendorId, name: `Firm ${vendorId}`, licence: `L-${vendorId}` };
    await api.registerVendor({ requestId: `register-${vendorId}`, ...entry });
    return { vendorId, spki: (await api.me()).spki, api };
  });
}

/** Seals a bid of one line for a lot that has the item `I<number>`, as the first version. */
export async function sealFor(
  { committee, noticeHash, tender }: CheckedTender,
  bid: { readonly vendor: Vendor; readonly lotNumber: number; readonly rate: string },
): Promise<VendorBid> {
  await ready();
  const { vendor, lotNumber, rate } = bid;
  const { vendorId, spki: vendorSpki } = vendor;
  const { tenderId, currency } = tender;
  const lotId = `L${lotNumber}`;
  const amount = (10n * BigInt(rate)).toString();
  const lines = [{ itemId: `I${lotNumber}`, quantity: '10', rate, amount }];
  const facts = { v: 1, tenderId, lotId, vendorId, noticeHash, currency };
  const { envelope, envelopeHash } = await seal({
    ...{ committee, bid: { lotId, vendorId, vendorSpki, version: 1 } },
    plain: { ...facts, lines, total: amount, documents: [] },
  });
  const requestId = `bid-${envelopeHash}`;
  return { vendor, lotId, submission: { requestId, lotId, noticeHash, version: 1, envelope } };
}
