/** The text of anything thrown. */
export function textOf(thrown: unknown): string {
  // Errors of native code may be of another realm's class, so the shape decides.
  const message = (thrown as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : String(thrown);
}
