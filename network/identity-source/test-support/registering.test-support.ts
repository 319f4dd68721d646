import { CertificateOffice } from '../certificate-office';

/** Registers people one after the other at the CA of a folder: FOLDER DOMAIN PREFIX COUNT. */
async function registerMany(folder: string, domain: string, people: string[]): Promise<void> {
  const office = await CertificateOffice.open({ organizationFolder: folder, domain });
  for (const name of people) await office.register({ name, type: 'client', attributes: {} });
}

const [folder = '', domain = '', ...people] = process.argv.slice(2);
void registerMany(folder, domain, people);
