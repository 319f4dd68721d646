import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Person } from '../identity/person';

/** Time to answer a challenge. */
export const CHALLENGE_MS = 120_000;
/** Life of a session. It gives no right on the ledger, so a new one costs one more signature. */
export const SESSION_MS = 15 * 60_000;
/** Most challenges and sessions kept; the oldest go first. */
const KEPT_MAX = 10_000;
const TOKEN_BYTES = 32;

/** Something that is given out and ends. */
export interface Issued {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Open challenges and sessions, in memory: they do not outlive the process. */
@Injectable()
export class SessionService {
  readonly #challenges = new Map<string, { readonly expiresAtMs: number }>();
  readonly #sessions = new Map<string, { readonly expiresAtMs: number; readonly person: Person }>();

  /** A challenge that nobody can guess, to be signed once. */
  challenge(nowMs: number): Issued {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAtMs = nowMs + CHALLENGE_MS;
    keep(this.#challenges, token, { expiresAtMs });
    return { token, expiresAtMs };
  }

  /** Uses a challenge up. @returns whether it was open */
  answer(challenge: string, nowMs: number): boolean {
    const open = this.#challenges.get(challenge);
    this.#challenges.delete(challenge);
    return open !== undefined && nowMs <= open.expiresAtMs;
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
}

function digest(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}

function keep<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}
