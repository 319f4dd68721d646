import { certificateFacts } from '../keys/certificate-facts';
import type { Report } from './call';
import type { KeyFolder } from './folder/key-folder';

/**
 * The certificate of a folder, for its holder.
 * @param done what was done to get it, such as `Enrolled`
 */
export async function describeCertificate(folder: KeyFolder, done: string): Promise<Report> {
  const { subject, notAfter, role, spki } = await certificateFacts(folder.certificate() ?? '');
  return {
    value: { subject, notAfter, role, spki },
    lines: [`${done} ${subject}`, `role  ${role ?? 'none'}`, `until ${notAfter}`],
  };
}
