/** The part of Fastify's request that the gateway looks at. */
export interface HttpRequest {
  /** Request id, as in the header `x-request-id`. */
  readonly id: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: { readonly authorization?: string };
}

/** The part of Fastify's reply that the gateway uses. */
export interface HttpReply {
  header(name: string, value: string): HttpReply;
  code(status: number): HttpReply;
  type(mediaType: string): HttpReply;
  send(body: string): unknown;
}
