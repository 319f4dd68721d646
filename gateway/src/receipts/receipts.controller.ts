import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { receiptSchema } from '@procurement/protocol';
import type { Receipt } from '@procurement/protocol';
import { Route } from '../docs/route';
import { ForPeople } from '../identity/caller';
import { SignedIn } from '../identity/person';
import type { Person } from '../identity/person';
import { TransactionAddress } from '../relay/relay.dto';
import { ReceiptService } from './receipt.service';

/** Receipts of transactions that people have signed. */
@ApiTags('relay')
@ApiBearerAuth()
@ForPeople()
@Controller('relay/transactions/:transactionId/receipt')
export class ReceiptsController {
  constructor(private readonly receipts: ReceiptService) {}

  @Get()
  @Route('The receipt of a transaction, for the one who signed it', receiptSchema)
  receipt(
    @SignedIn() person: Person,
    @Param() { transactionId }: TransactionAddress,
  ): Promise<Receipt> {
    return this.receipts.receiptOf(transactionId, person);
  }
}
