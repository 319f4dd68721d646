/** Names for the requests of a command line, where nobody gives them one. */
import { APPROVAL_PERIOD_MS, encodeCanonical, toBase64url, utf8 } from '@procurement/protocol';
import { sha256Of } from '@procurement/protocol/fabric';

/**
 * Names a request by all that it says: given again, it is carried out once; another one never has
 * its name.
 * @param command at most 20 characters of an id
 */
export async function requestIdOf(command: string, content: object): Promise<string> {
  const hash = await sha256Of(utf8(encodeCanonical({ command, content })));
  return `${command}-${toBase64url(hash)}`;
}

/**
 * Names a request that gives the word of an organisation. Once the word has lapsed, the same one
 * has another name, so that it can be given again.
 */
export function wordIdOf(command: string, content: object, nowMs = Date.now()): Promise<string> {
  const period = Math.floor(nowMs / APPROVAL_PERIOD_MS);
  return requestIdOf(command, { content, period });
}
