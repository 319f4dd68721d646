import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiDefaultResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { COMMANDS, QUERIES } from '@procurement/protocol';
import type { CommandName, QueryName } from '@procurement/protocol';
import type { z } from 'zod';
import { PROBLEM_MEDIA_TYPE } from '../http/problem';
import { commandOutcomeSchema, openApiSchema, problemSchema } from './schemas';

const OK = 200;

const PROBLEM_EXAMPLE = {
  type: 'urn:procurement:problem:phase',
  title: "The tender's state does not allow this transaction.",
  status: 409,
  detail: "The tender's state does not allow this transaction.",
  instance: '/api/v1/tenders/T-2026-017/bids',
  code: 'PHASE',
  args: { allowed: ['published'], current: 'closed', tenderId: 'T-2026-017' },
  transactionId: '6f1c0d3e5b7a9281f4d6c8b0a2e4f60718293a4b5c6d7e8f9012345678abcdef',
};

/** Documents a route: what it does, what it answers, and that refusals are problem documents. */
export function Route(summary: string, answer: z.ZodType): MethodDecorator {
  return applyDecorators(
    HttpCode(OK),
    ApiOperation({ summary }),
    ApiOkResponse({ schema: openApiSchema(answer) }),
    ApiDefaultResponse({
      description: 'Refusal, as a problem document (RFC 9457).',
      content: {
        [PROBLEM_MEDIA_TYPE]: { schema: openApiSchema(problemSchema), example: PROBLEM_EXAMPLE },
      },
    }),
  );
}

/** {@link Route} of a command. */
export function CommandRoute(name: CommandName, summary: string): MethodDecorator {
  return Route(`${summary} (${name})`, commandOutcomeSchema(COMMANDS[name].result));
}

/** {@link Route} of a query. */
export function QueryRoute(name: QueryName, summary: string): MethodDecorator {
  return Route(`${summary} (${name})`, QUERIES[name].result);
}
