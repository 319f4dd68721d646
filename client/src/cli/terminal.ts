/** What a command works with, so that tests can stand in for a real terminal. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  /** Writes one line to the standard output. */
  readonly print: (line: string) => void;
  /** Writes text to the standard error. */
  readonly printError: (text: string) => void;
  /**
   * Asks the person at the terminal, a secret without showing it. Undefined where there is nobody,
   * as in a script.
   */
  readonly ask?:
    ((question: string, options?: { readonly secret: true }) => Promise<string>) | undefined;
  /** Shows what is being waited for, over what was shown before. Undefined where nobody looks. */
  readonly progress?: ((text: string) => void) | undefined;
}
