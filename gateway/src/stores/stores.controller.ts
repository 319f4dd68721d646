import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  Param,
  Put,
  Query,
  Req,
  StreamableFile,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ESTIMATE_VENDOR_ID, parseBidKey, storeReceiptSchema } from '@procurement/protocol';
import type { StoreReceipt } from '@procurement/protocol';
import { Route } from '../docs/route';
import type { HttpRequest } from '../http/exchange';
import { OCTETS } from '../http/octets';
import { ForPeople } from '../identity/caller';
import { SignedIn } from '../identity/person';
import type { Person } from '../identity/person';
import { StoreRefused } from './store-errors';
import { StoreService } from './store.service';
import type { Incoming } from './store.service';
import type { StoreOwner } from './store-usage';
import { KeptForQuery, StoredAddress } from './stores.dto';

/** The gateway's store of sealed documents, which are bytes to it. */
@ApiTags('store')
@ApiBearerAuth()
@ForPeople()
@Controller('store/:ctHash')
export class StoresController {
  constructor(private readonly store: StoreService) {}

  @Put()
  @Route("Keeps a sealed document, and answers the store's signed receipt", storeReceiptSchema)
  @ApiConsumes(OCTETS)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  async put(
    @SignedIn() person: Person,
    @Param() { ctHash }: StoredAddress,
    @Query() { bidKey, version }: KeptForQuery,
    @Req() request: HttpRequest,
  ): Promise<StoreReceipt> {
    const { agency } = person.known;
    const about = { ...ownerOf(bidKey, person), bidKey, version: Number(version), agency };
    return this.store.keep(incomingOf(request), ctHash, about);
  }

  @Get()
  @ApiOperation({ summary: 'The sealed document with this hash' })
  async get(@Param() { ctHash }: StoredAddress): Promise<StreamableFile> {
    const { stream, length } = await this.store.find(ctHash);
    const disposition = `attachment; filename="${ctHash}"`;
    return new StreamableFile(stream, { type: OCTETS, disposition, length });
  }
}

/** @throws StoreRefused FOR_VENDORS, or STORE_BID where the bid is somebody else's */
function ownerOf(bidKey: string, { known: { role, vendorId } }: Person): StoreOwner {
  if (role !== 'vendor' && role !== 'officer') throw new StoreRefused('FOR_VENDORS');
  const own = role === 'officer' ? ESTIMATE_VENDOR_ID : vendorId;
  const bid = parseBidKey(bidKey);
  if (bid === undefined || bid.vendorId !== own) throw new StoreRefused('STORE_BID', { bidKey });
  return bid;
}

/** @throws UnsupportedMediaTypeException where the body was read as something else */
function incomingOf({ body, headers }: HttpRequest): Incoming {
  const length = headers['content-length'];
  // Without a media type there is no body that was read.
  const bytes = body ?? Readable.from([]);
  if (!(bytes instanceof Readable)) throw new UnsupportedMediaTypeException();
  return { bytes, announced: length === undefined ? undefined : Number(length) };
}
