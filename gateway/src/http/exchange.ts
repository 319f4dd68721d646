/** The part of Fastify's request that the gateway looks at. */
export interface HttpRequest {
  /** Request id, as in the header `x-request-id`. */
  readonly id: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: { readonly authorization?: string; readonly 'content-length'?: string };
  /** What a parser made of the body; the bytes still to come on the routes of the store. */
  readonly body?: unknown;
}

/** The part of Fastify's reply that the gateway uses. */
export interface HttpReply {
  header(name: string, value: string): HttpReply;
  code(status: number): HttpReply;
  type(mediaType: string): HttpReply;
  send(body: string): unknown;
}
