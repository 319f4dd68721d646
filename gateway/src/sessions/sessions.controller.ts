import { Body, Controller, Delete, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { QUERIES, readFormat } from '@procurement/protocol';
import type { QueryResult } from '@procurement/protocol';
import type { ReadProposal } from '@procurement/protocol/fabric';
import { z } from 'zod';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Route } from '../docs/route';
import { bearerOf } from '../identity/bearer.guard';
import { certificateFacts } from '../identity/certificate';
import { ForPeople, Public } from '../identity/caller';
import { RelayRefused } from '../relay/relay-errors';
import { signedOf } from '../relay/relay.controller';
import { SignedProposal } from '../relay/relay.dto';
import { RelayService } from '../relay/relay.service';
import { audienceOf } from './audience';
import { SessionService } from './session.service';

const NO_CONTENT = 204;

const challengeSchema = z.strictObject({
  challenge: z.string().describe('32 random bytes, base64url, to be signed once.'),
  expiresAt: z.string(),
});

const sessionSchema = z.strictObject({
  token: z.string().describe('Bearer token of the session.'),
  expiresAt: z.string(),
  person: QUERIES['audit:whoami'].result,
});

/** A session that was opened. */
interface OpenedSession {
  readonly token: string;
  readonly expiresAt: string;
  readonly person: QueryResult<'audit:whoami'>;
}

/**
 * Signing in. A person proves the key by a signed query `audit:whoami` that repeats the challenge
 * and the gateway's address, and the ledger itself says who that is: a peer checks signature,
 * certificate and revocation, the chaincode role and register.
 */
@ApiTags('sessions')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionService,
    private readonly relay: RelayService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post('challenges')
  @Public()
  @Route('Asks for a challenge to sign', challengeSchema)
  challenge(): { readonly challenge: string; readonly expiresAt: string } {
    const { token, expiresAtMs } = this.sessions.challenge(Date.now());
    return { challenge: token, expiresAt: new Date(expiresAtMs).toISOString() };
  }

  @Post()
  @Public()
  @Route('Signs in with a signed audit:whoami that answers the challenge', sessionSchema)
  async signIn(
    @Body() body: SignedProposal,
    @Headers('host') host: string | undefined,
  ): Promise<OpenedSession> {
    const { creator, result } = await this.relay.query(signedOf(body), undefined, (proposal) => {
      this.#requireAnswer(proposal, host ?? '');
    });
    const person = JSON.parse(result) as QueryResult<'audit:whoami'>;
    const { spki } = certificateFacts(creator.certificate);
    const session = this.sessions.open({ ...creator, spki, known: person }, Date.now());
    return {
      token: session.token,
      expiresAt: new Date(session.expiresAtMs).toISOString(),
      person,
    };
  }

  @Delete('current')
  @ApiBearerAuth()
  @ForPeople()
  @HttpCode(NO_CONTENT)
  signOut(@Headers('authorization') authorization: string | undefined): void {
    const token = bearerOf(authorization);
    if (token !== undefined) this.sessions.end(token);
  }

  /** Before the ledger is asked, so that nobody without a challenge makes a peer work. */
  #requireAnswer({ transaction, args }: ReadProposal, host: string): void {
    const isQuestion = transaction === 'audit:whoami';
    const signIn = isQuestion ? signInOf(args[0] ?? '') : undefined;
    const isOpen = signIn !== undefined && this.sessions.answer(signIn.challenge, Date.now());
    const isHere = signIn?.audience === audienceOf(this.settings, host);
    if (!isOpen || !isHere) throw new RelayRefused('SIGN_IN');
  }
}

/** @throws Reject FORMAT */
function signInOf(
  input: string,
): { readonly audience: string; readonly challenge: string } | undefined {
  return readFormat(QUERIES['audit:whoami'].input, input).signIn;
}
