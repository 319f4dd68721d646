import { Injectable, UnauthorizedException } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { HttpRequest } from '../http/exchange';
import { SessionService } from '../sessions/session.service';
import { RelayRefused } from '../relay/relay-errors';
import { FOR_PEOPLE, PUBLIC, setCaller } from './caller';
import { Identities } from './identities';
import { setPerson } from './person';

// RFC 6750 section 2.1; the scheme's name is case-insensitive (RFC 9110 section 11.1).
const BEARER = /^bearer ([A-Za-z0-9._~+/=-]{1,512})$/i;

/** The token of an authorization header; undefined where it holds none. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? '')?.[1];
}

/**
 * Lets a request in whose bearer token stands for a person's session, on routes kept for people,
 * or for a service account's wallet identity on all others (RFC 6750).
 */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly identities: Identities,
    private readonly sessions: SessionService,
    private readonly reflector: Reflector,
  ) {}

  /**
   * @throws UnauthorizedException without a token, or with one that nobody has
   * @throws RelayRefused FOR_PEOPLE or FOR_SERVICE_ACCOUNTS on a route kept for the others
   */
  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) === true) {
      return true;
    }
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const token = bearerOf(request.headers.authorization);
    if (token === undefined) throw new UnauthorizedException();
    const isForPeople =
      this.reflector.getAllAndOverride<boolean | undefined>(FOR_PEOPLE, targets) === true;
    this.#admit(request, token, isForPeople);
    return true;
  }

  #admit(request: HttpRequest, token: string, isForPeople: boolean): void {
    const person = this.sessions.find(token, Date.now());
    const identity = person === undefined ? this.identities.byToken(token) : undefined;
    if (person === undefined && identity === undefined) throw new UnauthorizedException();
    if (person !== undefined) {
      if (!isForPeople) throw new RelayRefused('FOR_SERVICE_ACCOUNTS');
      setPerson(request, person);
    }
    if (identity !== undefined) {
      if (isForPeople) throw new RelayRefused('FOR_PEOPLE');
      setCaller(request, identity);
    }
  }
}
