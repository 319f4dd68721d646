import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCertificate } from './certificate';
import { readText, writePublic } from './crypto-files';
import { parseRevocationList } from './parsed-revocation-list';
import { homeFolder } from './crypto-layout';
import type { OrganizationPlace } from './crypto-layout';
import type { CertificateAuthority } from './certificate-authority';

/** An organization's material, as far as its revocation list is concerned. */
export interface RevokingOrganization {
  /** The folder `organizations`. */
  readonly root: string;
  readonly organization: OrganizationPlace;
  readonly ca: CertificateAuthority;
}

/** The revocation lists in an organization's MSP folder, as PEM. @throws CryptoStoreError */
export async function readRevocationLists(
  opened: Omit<RevokingOrganization, 'ca'>,
): Promise<string[]> {
  const folder = crlFolder(opened);
  const files = await readdir(folder).catch(() => []);
  return Promise.all(files.sort().map((file) => readText(join(folder, file))));
}

/**
 * Adds a certificate to the revocation list of its CA, which keeps the serial numbers.
 * @returns the new list, PEM
 * @throws MspError when the certificate or the list so far does not parse
 * @throws CryptoStoreError when a file cannot be read
 */
export async function addRevocation(
  opened: RevokingOrganization,
  certificatePem: string,
): Promise<string> {
  const { node } = parseCertificate(Buffer.from(certificatePem));
  const earlier = (await readRevocationLists(opened)).flatMap(
    (pem) => parseRevocationList(Buffer.from(pem)).entries,
  );
  const serial = node.serialNumber.toLowerCase();
  const isKnown = earlier.some((one) => one.serial === serial);
  const revoked = isKnown ? earlier : [...earlier, { serial, at: new Date() }];
  const text = await opened.ca.revocationList(revoked);
  const { domain } = opened.organization;
  await writePublic({ path: join(crlFolder(opened), `ca.${domain}-crl.pem`), text });
  return text;
}

function crlFolder({ root, organization }: Omit<RevokingOrganization, 'ca'>): string {
  return join(homeFolder(root, organization), 'msp', 'crls');
}
