/** What the chaincode answered to a command. */
import {
  checkFormat,
  type CommandAnswer,
  commandAnswerSchema,
  type CommandName,
  COMMANDS,
  fromUtf8,
} from '@procurement/protocol';

/**
 * Reads a command's answer.
 * @param bytes canonical JSON, as the endorsed transaction holds it
 * @throws {Reject | z.ZodError | SyntaxError} where it is not of the command's form
 */
export function readAnswer<Name extends CommandName>(
  name: Name,
  bytes: Uint8Array,
): CommandAnswer<Name> {
  const answer = commandAnswerSchema.parse(JSON.parse(fromUtf8(bytes)));
  const result = checkFormat(COMMANDS[name].result, answer.result);
  return { ...answer, result } as CommandAnswer<Name>;
}
