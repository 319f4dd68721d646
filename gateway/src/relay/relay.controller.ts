import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { QueryResult } from '@procurement/protocol';
import { Route } from '../docs/route';
import { trailSchema } from '../docs/schemas';
import { TrailService } from '../trail/trail.service';
import type { TenderTrail } from '../trail/trail.service';
import { RelayRefused } from './relay-errors';
import { ForPeople } from '../identity/caller';
import { SignedIn } from '../identity/person';
import type { Person } from '../identity/person';
import {
  endorsedSchema,
  relayedAnswerSchema,
  SignedProposal,
  SignedTransaction,
  statusesSchema,
  submittedSchema,
  TransactionAddress,
} from './relay.dto';
import { RelayService } from './relay.service';
import type { PeerStatus, Signed } from './relay.service';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');

/** A request's proposal and signature as bytes. */
export function signedOf({ proposal, signature }: SignedProposal): Signed {
  return { bytes: bytes(proposal), signature: bytes(signature) };
}

/** Passing on what people sign on their own devices. */
@ApiTags('relay')
@ApiBearerAuth()
@ForPeople()
@Controller('relay')
export class RelayController {
  constructor(
    private readonly relay: RelayService,
    private readonly trails: TrailService,
  ) {}

  @Post('queries')
  @Route('Asks the ledger with a signed proposal', relayedAnswerSchema)
  async query(
    @SignedIn() person: Person,
    @Body() body: SignedProposal,
  ): Promise<{ readonly result: string }> {
    const { result } = await this.relay.query(signedOf(body), person);
    return { result };
  }

  @Post('trails')
  @Route('The trail of the tender that a signed tender:get names', trailSchema)
  async trail(@SignedIn() person: Person, @Body() body: SignedProposal): Promise<TenderTrail> {
    const { result } = await this.relay.query(signedOf(body), person, ({ transaction }) => {
      if (transaction !== 'tender:get') throw new RelayRefused('RELAY_TARGET', { transaction });
    });
    return this.trails.shownTo(person, JSON.parse(result) as QueryResult<'tender:get'>);
  }

  @Post('proposals')
  @Route(
    'Collects endorsements for a signed proposal: what to sign next, or an answer that holds',
    endorsedSchema,
  )
  async endorse(
    @SignedIn() person: Person,
    @Body() body: SignedProposal,
  ): Promise<{ readonly transactionId: string; readonly payload: string }> {
    const { transactionId, payload } = await this.relay.endorse(signedOf(body), person);
    return { transactionId, payload: Buffer.from(payload).toString('base64url') };
  }

  @Post('transactions')
  @Route('Hands a signed transaction to the ordering service', submittedSchema)
  submit(
    @SignedIn() person: Person,
    @Body() { payload, signature }: SignedTransaction,
  ): Promise<{ readonly transactionId: string }> {
    return this.relay.submit({ bytes: bytes(payload), signature: bytes(signature) }, person);
  }

  @Get('transactions/:transactionId')
  @Route('What became of a transaction, from peers of two organisations', statusesSchema)
  async status(
    @Param() { transactionId }: TransactionAddress,
  ): Promise<{ readonly transactionId: string; readonly statuses: readonly PeerStatus[] }> {
    return { transactionId, statuses: await this.relay.statuses(transactionId) };
  }
}
