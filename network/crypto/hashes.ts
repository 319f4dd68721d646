import { createHash, hash } from 'node:crypto';

/** SHA-256 of the parts one after the other; 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const [first, ...others] = parts;
  // The one-shot form takes two thirds of the time, and most calls have one part.
  if (first && others.length === 0) return hash('sha256', first, 'buffer');
  const running = createHash('sha256');
  for (const part of parts) running.update(part);
  return running.digest();
}
