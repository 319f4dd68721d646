/** A step of the lifecycle that a peer, the ordering service or the channel refused. */
export class LifecycleError extends Error {
  override readonly name = 'LifecycleError';
  /** Status of the peer's answer such as 404 or 500; absent where there was no answer. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}
