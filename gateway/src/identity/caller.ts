import { createParamDecorator, SetMetadata } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from '../http/exchange';
import type { Identity } from './wallet';

const CALLERS = new WeakMap<HttpRequest, Identity>();

/** Remembers who a request came from, for the time of the request. */
export function setCaller(request: HttpRequest, identity: Identity): void {
  CALLERS.set(request, identity);
}

/** Metadata key of {@link Public}. */
export const PUBLIC = 'procurement:public';

/** Lets a route be called without a token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC, true);

/** Metadata key of {@link ForPeople}. */
export const FOR_PEOPLE = 'procurement:for-people';

/** Keeps a route for people who have signed in; all others are for service accounts. */
export const ForPeople = (): MethodDecorator & ClassDecorator => SetMetadata(FOR_PEOPLE, true);

/**
 * The wallet identity whose token the request presented.
 * @throws Error on a route that the bearer guard does not cover, a mistake of the program
 */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Identity => {
  const identity = CALLERS.get(context.switchToHttp().getRequest<HttpRequest>());
  if (identity === undefined) {
    throw new Error('this route is public, so it has no caller');
  }
  return identity;
});
