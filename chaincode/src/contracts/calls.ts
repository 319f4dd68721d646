/** The way of every call: read the argument, then a command with its request log, or a query. */
import {
  checkFormat,
  type CommandInput,
  type CommandName,
  type CommandResult,
  COMMANDS,
  encodeCanonical,
  INPUT_BYTES_MAX,
  QUERIES,
  type QueryInput,
  type QueryName,
  type QueryResult,
  readFormat,
  Reject,
  type Schema,
  type SchemaOutput,
  utf8,
} from '@procurement/protocol';
import { requireTrueTime } from '../domain/time';
import type { ProcurementContext } from '../ledger/procurement-context';
import { firstAnswer, recordAnswer } from '../ledger/request-log';

/** One call of a transaction: its name, its context and the text of its argument. */
export interface Call<Name> {
  readonly name: Name;
  readonly context: ProcurementContext;
  readonly text: string;
}

/**
 * Carries out a command once for each requestId of its caller.
 * @returns canonical JSON of `{repeated, result, transactionId}`
 * @throws {Reject} FORMAT, CLOCK, REQUEST_REUSED, then whatever `run` refuses
 */
export async function runCommand<Name extends CommandName>(
  { name, context, text }: Call<Name>,
  run: (input: CommandInput<Name>) => Promise<CommandResult<Name>>,
): Promise<string> {
  const input = readInput(COMMANDS[name].input, text) as CommandInput<Name>;
  requireTrueTime(context.times);
  const { requestId } = input;
  const request = { caller: context.caller, requestId, transaction: name, text };
  const answer = await firstAnswer(context.records, request);
  if (answer !== undefined) return answer;
  const result = checkFormat(COMMANDS[name].result, await run(input));
  const transactionId = context.stub.getTxID();
  return recordAnswer(context.records, request, { result, transactionId });
}

/**
 * Answers a query.
 * @returns canonical JSON of the result
 * @throws {Reject} FORMAT, then whatever `run` refuses
 */
export async function runQuery<Name extends QueryName>(
  { name, text }: Call<Name>,
  run: (input: QueryInput<Name>) => Promise<QueryResult<Name>>,
): Promise<string> {
  const input = readInput(QUERIES[name].input, text) as QueryInput<Name>;
  return encodeCanonical(await run(input));
}

function readInput<Shape extends Schema>(schema: Shape, text: string): SchemaOutput<Shape> {
  if (utf8(text).length > INPUT_BYTES_MAX) {
    throw new Reject('FORMAT', { path: '', problem: 'too long' });
  }
  return readFormat(schema, text);
}
