import { Injectable, UnauthorizedException } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { HttpRequest } from '../http/exchange';
import { PUBLIC, setCaller } from './caller';
import { Identities } from './identities';

// RFC 6750 section 2.1; the scheme's name is case-insensitive (RFC 9110 section 11.1).
const BEARER = /^bearer ([A-Za-z0-9._~+/=-]{1,512})$/i;

/** Lets a request in whose bearer token stands for a wallet identity (RFC 6750). */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly identities: Identities,
    private readonly reflector: Reflector,
  ) {}

  /** @throws UnauthorizedException without a token, or with one that nobody has */
  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) === true) {
      return true;
    }
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const identity = token === undefined ? undefined : this.identities.byToken(token);
    if (identity === undefined) {
      throw new UnauthorizedException();
    }
    setCaller(request, identity);
    return true;
  }
}
