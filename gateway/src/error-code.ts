/**
 * The `code` of a system error, such as `ENOENT`.
 * @returns undefined where whatever was thrown has none
 */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : undefined;
}
