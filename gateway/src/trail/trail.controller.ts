import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Route } from '../docs/route';
import { trailSchema } from '../docs/schemas';
import { TenderAddress } from '../http/params';
import { Caller } from '../identity/caller';
import type { Identity } from '../identity/wallet';
import { TrailService } from './trail.service';
import type { TenderTrail } from './trail.service';

/** The trail of a tender. */
@ApiTags('trail')
@ApiBearerAuth()
@Controller('tenders/:tenderId/trail')
export class TrailController {
  constructor(private readonly trail: TrailService) {}

  @Get()
  @Route('Who did what to the tender, transaction by transaction', trailSchema)
  ofTender(@Caller() caller: Identity, @Param() { tenderId }: TenderAddress): Promise<TenderTrail> {
    return this.trail.ofTender(caller, tenderId);
  }
}
