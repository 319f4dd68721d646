/** Requests as any program could send them, with everything that the gateway answered. */

const REFUSED = 400;
const TRANSACTION = /,"transactionId":"[0-9a-f]{64}"/;

/** One request. */
export interface RawRequest {
  readonly method?: 'GET' | 'POST';
  /** With its leading slash, from the server's root. */
  readonly path: string;
  readonly token?: string | undefined;
  /** Sent as it is where it is text, otherwise as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

/** Sends a request to a server. */
export async function send(baseUrl: string, request: RawRequest): Promise<RawAnswer> {
  const { path, token, body, contentType = 'application/json' } = request;
  const response = await fetch(`${baseUrl}${path}`, {
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const [mediaType = ''] = (response.headers.get('content-type') ?? '').split(';');
  return { status: response.status, mediaType, text: await response.text() };
}

/**
 * Everything that one caller can read of a tender, as the gateway's own bytes, by path.
 * @param reader.token of the caller
 */
export async function readEverything(
  baseUrl: string,
  reader: { readonly token: string; readonly tenderId: string },
): Promise<Record<string, string>> {
  const tender = `/api/v1/tenders/${reader.tenderId}`;
  const parts = ['', '/committee', '/bids', '/opening', '/award', '/trail', '/record'];
  const paths = [
    ...['/health', '/health/live', '/health/ready', '/api/v1/me', '/api/v1/tenders'],
    ...parts.map((part) => `${tender}${part}`),
  ];
  const answers = await Promise.all(
    paths.map(async (path) => {
      const { status, text } = await send(baseUrl, { path, token: reader.token });
      // Every refused query has an id of its own, which tells nothing.
      const answer = status < REFUSED ? text : text.replace(TRANSACTION, '');
      return [path, `${status} ${answer}`] as const;
    }),
  );
  return Object.fromEntries(answers);
}
