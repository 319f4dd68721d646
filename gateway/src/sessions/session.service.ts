import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Person } from '../identity/person';

/** Time to answer a challenge. */
export const CHALLENGE_MS = 120_000;
/** Life of a session. It gives no right on the ledger, so a new one costs one more signature. */
export const SESSION_MS = 15 * 60_000;
/** Most sessions and used challenges kept; the oldest go first. */
const KEPT_MAX = 10_000;
const TOKEN_BYTES = 32;
/** A challenge: when it ends, random bytes, and this process's mark over both. */
const TIME_BYTES = 8;
const MARKED_BYTES = 16;

/** Something that is given out and ends. */
export interface Issued {
  readonly token: string;
  readonly expiresAtMs: number;
}

/**
 * Challenges and sessions, which do not outlive the process. Challenges are not kept but marked:
 * who asks for many takes none away from anybody.
 */
@Injectable()
export class SessionService {
  readonly #secret = randomBytes(TOKEN_BYTES);
  readonly #used = new Map<string, true>();
  readonly #sessions = new Map<string, { readonly expiresAtMs: number; readonly person: Person }>();

  /** A challenge that nobody can guess, to be signed once. */
  challenge(nowMs: number): Issued {
    const expiresAtMs = nowMs + CHALLENGE_MS;
    const time = Buffer.alloc(TIME_BYTES);
    time.writeBigUInt64BE(BigInt(expiresAtMs));
    const marked = Buffer.concat([time, randomBytes(MARKED_BYTES - TIME_BYTES)]);
    const token = Buffer.concat([marked, this.#markOf(marked)]).toString('base64url');
    return { token, expiresAtMs };
  }

  /** Uses a challenge up. @returns whether it was open */
  answer(challenge: string, nowMs: number): boolean {
    const bytes = Buffer.from(challenge, 'base64url');
    if (bytes.length !== TOKEN_BYTES) return false;
    const [marked, mark] = [bytes.subarray(0, MARKED_BYTES), bytes.subarray(MARKED_BYTES)];
    if (!timingSafeEqual(mark, this.#markOf(marked))) return false;
    const name = bytes.toString('base64url');
    if (this.#used.has(name)) return false;
    keep(this.#used, name, true);
    return nowMs <= Number(marked.readBigUInt64BE());
  }

  /** A session for a person who has signed in. */
  open(person: Person, nowMs: number): Issued {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAtMs = nowMs + SESSION_MS;
    keep(this.#sessions, digest(token), { expiresAtMs, person });
    return { token, expiresAtMs };
  }

  /** Whose session a token is. Found by its digest, so that no delay tells how near a guess was. */
  find(token: string, nowMs: number): Person | undefined {
    const session = this.#sessions.get(digest(token));
    return session !== undefined && nowMs <= session.expiresAtMs ? session.person : undefined;
  }

  /** Ends a session. */
  end(token: string): void {
    this.#sessions.delete(digest(token));
  }

  #markOf(marked: Uint8Array): Buffer {
    const whole = createHmac('sha256', this.#secret).update(marked).digest();
    return whole.subarray(0, TOKEN_BYTES - MARKED_BYTES);
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}

function keep<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}
