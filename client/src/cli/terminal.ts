/** What a command works with, so that tests can stand in for a real terminal. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  /** Writes one line to the standard output. */
  readonly print: (line: string) => void;
  /** Writes text to the standard error. */
  readonly printError: (text: string) => void;
}
