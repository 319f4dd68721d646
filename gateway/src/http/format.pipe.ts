import { Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { checkFormat } from '@procurement/protocol';
import { z } from 'zod';

/**
 * Holds every body, address and query against the schema of its class. The refusal is the ledger's
 * own FORMAT, so a caller meets one form of it, wherever a request fails.
 */
@Injectable()
export class FormatPipe implements PipeTransform<unknown> {
  /** @throws Reject FORMAT with the path of the first member that does not fit */
  transform(value: unknown, { metatype }: ArgumentMetadata): unknown {
    const schema = metatype !== undefined && 'schema' in metatype ? metatype.schema : undefined;
    return schema instanceof z.ZodType ? checkFormat(schema, value) : value;
  }
}
