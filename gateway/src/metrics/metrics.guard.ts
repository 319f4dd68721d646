import { Inject, Injectable, UnauthorizedException } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from '../http/exchange';
import { bearerOf } from '../identity/bearer.guard';
import { TokenRegistry } from '../identity/tokens';

/** Injection token of the bearer token that monitoring presents. */
export const METRICS_TOKEN = Symbol('MetricsToken');

/**
 * Lets monitoring in, and nobody else: how many blocks and transactions there are tells, before the
 * opening, how many bids there are.
 */
@Injectable()
export class MetricsGuard implements CanActivate {
  readonly #tokens = new TokenRegistry<true>();

  constructor(@Inject(METRICS_TOKEN) token: string) {
    this.#tokens.add(token, true);
  }

  /** @throws UnauthorizedException without the token */
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<HttpRequest>();
    const token = bearerOf(headers.authorization);
    if (token !== undefined && this.#tokens.find(token) === true) return true;
    throw new UnauthorizedException();
  }
}
