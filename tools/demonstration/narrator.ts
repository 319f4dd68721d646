/** Tells what happens, step by step, to a person at a terminal or to a log. */
export interface Narrator {
  /** Begins a numbered step. */
  step(title: string): void;
  /** One thing that happened within the step. */
  tell(line: string): void;
  /** How far a long step is; rewritten in place on a terminal. */
  progress(line: string): void;
}

const CLEAR_LINE = '\r\u001b[K';

/** A narrator that writes to a stream, with progress only where the stream is a terminal. */
export function newNarrator(stream: NodeJS.WriteStream): Narrator {
  let number = 0;
  const clear = stream.isTTY ? CLEAR_LINE : '';
  return {
    step: (title) => {
      number += 1;
      stream.write(`${clear}\n${String(number).padStart(2)}  ${title}\n`);
    },
    tell: (line) => {
      stream.write(`${clear}    ${line}\n`);
    },
    progress: (line) => {
      if (stream.isTTY) stream.write(`${CLEAR_LINE}    ${line}`);
    },
  };
}
