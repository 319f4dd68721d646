/** Fresh bytes from the system's generator, which WebCrypto offers in Node and browsers alike. */
export function freshBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}
