import { relative } from 'node:path';
import { defaultFolder } from './settings';

/** Where the command writes; a line each. */
export type Print = (line: string) => void;

/** Rows with their columns one under the other. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** ` --folder DIR` for a command that the reader may copy; nothing where it is the default. */
export function folderOption(folder: string): string {
  const short = relative(process.cwd(), folder);
  if (short === defaultFolder) return '';
  return ` --folder ${short.startsWith('..') ? folder : short || '.'}`;
}
