import type { Settings } from '../config/settings';

/** Names by which a machine calls itself. */
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
const PORT = /:[0-9]{1,5}$/;

/**
 * The address that a person signs who signs in here; undefined where the request names none that is
 * this gateway's. Whoever runs another gateway could otherwise hand on, under its own name, what
 * was signed for it.
 * @param host the request's `host` header, which its sender chooses
 */
export function audienceOf(
  { publicUrl, httpHost }: Pick<Settings, 'publicUrl' | 'httpHost'>,
  host: string,
): string | undefined {
  if (publicUrl !== undefined) return publicUrl;
  const name = host.replace(PORT, '');
  const own = httpHost.includes(':') ? `[${httpHost}]` : httpHost;
  return [...LOOPBACK, own].includes(name) ? `http://${host}` : undefined;
}
