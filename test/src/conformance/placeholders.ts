/** Host names and addresses of nodes and what the recordings call them. */
export type Addresses = ReadonlyMap<string, string>;

const transactionId = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])|<TXID\d*>/g;

/**
 * An observation in the form in which two runs agree: transaction ids, times, addresses and other
 * values of one run become the placeholders of the recordings. A text that is nothing but a hash
 * stays, since such a text is what the case is about.
 */
export function withPlaceholders(value: unknown, addresses: Addresses): unknown {
  if (typeof value === 'string') return ofText(value, addresses);
  if (Array.isArray(value)) return value.map((one) => withPlaceholders(one, addresses));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const content = withPlaceholders(one, addresses);
      return [key, key === 'details' && Array.isArray(content) ? inOrder(content) : content];
    }),
  );
}

/** A gateway asks peers that are equally good in an order that differs from time to time. */
function inOrder(details: readonly unknown[]): readonly unknown[] {
  const byText = details.map((one) => [JSON.stringify(one), one] as const);
  return byText.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function ofText(text: string, addresses: Addresses): string {
  if (/^[0-9a-f]*$/.test(text)) return text;
  const known = [...addresses].reduce((so, [from, to]) => so.replaceAll(from, to), text);
  const seen: string[] = [];
  return (
    known
      // Go's protobuf library chooses between kinds and numbers of spaces when it is built.
      .replaceAll('\u00a0', ' ')
      .replaceAll('  ', ' ')
      .replace(/\b[0-9a-f]{200,}\b/g, '<CREATOR_HEX>')
      .replace(/(?!1970)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| [+-]\d{4} [A-Z]+)?/g, '<TIME>')
      .replace(/BlockNum: \d+/g, 'BlockNum: <N>')
      .replace(/payload is \d+ bytes/g, 'payload is <N> bytes')
      .replace(/open \/\S+\/chaincodes\//g, 'open <PEER_DATA_DIR>/chaincodes/')
      .replace(/exceeded after .*?,remote_addr=/g, 'exceeded after <T>,remote_addr=')
      // Numbered anew in each text: the recordings number through a whole record.
      .replace(transactionId, (id) => {
        if (!seen.includes(id)) seen.push(id);
        return `<TXID${seen.indexOf(id) === 0 ? '' : seen.indexOf(id) + 1}>`;
      })
  );
}
