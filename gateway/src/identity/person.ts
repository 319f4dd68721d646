import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { QueryResult } from '@procurement/protocol';
import type { HttpRequest } from '../http/exchange';
import type { Creator } from '../ledger/ledger.port';

/** Somebody who has signed in and whose key is elsewhere, as the ledger knows them. */
export interface Person extends Creator {
  /** SHA-256 of the DER SubjectPublicKeyInfo, base64url. */
  readonly spki: string;
  /** What the ledger answered to the sign-in. */
  readonly known: QueryResult<'audit:whoami'>;
}

const PEOPLE = new WeakMap<HttpRequest, Person>();

/** Remembers who a request came from, for the time of the request. */
export function setPerson(request: HttpRequest, person: Person): void {
  PEOPLE.set(request, person);
}

/** The person whose session a request presented, if it did. */
export function personOf(request: HttpRequest): Person | undefined {
  return PEOPLE.get(request);
}

/**
 * The person whose session the request presented.
 * @throws Error on a route that the bearer guard does not keep for people, a mistake of the program
 */
export const SignedIn = createParamDecorator((_: unknown, context: ExecutionContext): Person => {
  const person = personOf(context.switchToHttp().getRequest<HttpRequest>());
  if (person === undefined) throw new Error('this route is not kept for people');
  return person;
});
