/** The `procure` command in this process, which spares the start of one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@procurement/client/cli';
import { personFolder } from '@procurement/tools/demonstration/cast';

/** How a command ended. */
export interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs the command in somebody's key folder; whatever it signs is meant. A word that names a file
 * of the folder means that file.
 */
export async function runProcure(
  args: readonly string[],
  where: { readonly folder: string; readonly env: Readonly<Record<string, string>> },
): Promise<Ended> {
  const words = args.map((word) => {
    const file = join(where.folder, word);
    return existsSync(file) ? file : word;
  });
  const output: string[] = [];
  const errors: string[] = [];
  const exitCode = await run([...words, '--yes'], {
    env: { ...where.env, PROCUREMENT_FOLDER: where.folder },
    print: (line) => void output.push(`${line}\n`),
    printError: (text) => void errors.push(text),
  });
  return { exitCode, output: output.join(''), errors: errors.join('') };
}

/** Runs the command for one of the demonstration's people, who has a key folder in the system's. */
export function runForPerson(
  args: readonly string[],
  where: {
    readonly system: { readonly folder: string };
    readonly person: string;
    /** Address of another organisation's gateway. */
    readonly witness: string;
  },
): Promise<Ended> {
  const folder = personFolder(where.system.folder, where.person);
  const env = {
    PROCUREMENT_PASSPHRASE_FILE: join(folder, 'passphrase'),
    PROCUREMENT_WITNESS_URL: where.witness,
  };
  return runProcure(args, { folder, env });
}

/** The commands that a page shows, each in words, in their order. */
export function commandsOf(page: string): readonly (readonly string[])[] {
  return [...page.matchAll(/^npx procure (.*)$/gm)].map(([, words = '']) =>
    [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([word, quoted]) => quoted ?? word),
  );
}

/** The JSON examples that a page shows, in their order. */
export function examplesOf(page: string): readonly string[] {
  return [...page.matchAll(/```json\n(.*?)```/gs)].map(([, example = '']) => example);
}
