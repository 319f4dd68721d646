/** Tells what happens, step by step, to a person at a terminal or to a log. */
export interface Narrator {
  /** Begins a numbered step. */
  step(title: string): void;
  /** One thing that happened within the step. */
  tell(line: string): void;
  /** How far a long step is; rewritten in place on a terminal, and nowhere else to be seen. */
  progress(line: string): void;
}

/** No line is longer, so that nothing wraps on a usual terminal. */
const columns = 110;
const indent = '    ';
const clearLine = '\r\u001b[K';

/** A narrator that writes to a stream, with progress only where the stream is a terminal. */
export function newNarrator(
  stream: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean },
): Narrator {
  let number = 0;
  const clear = stream.isTTY === true ? clearLine : '';
  const line = (text: string): string => `${clear}${shortened(text)}\n`;
  return {
    step: (title) => {
      number += 1;
      stream.write(`${clear}\n${line(`${String(number).padStart(2)}  ${title}`)}`);
    },
    tell: (text) => {
      stream.write(line(`${indent}${text}`));
    },
    progress: (text) => {
      if (stream.isTTY === true) stream.write(`${clear}${shortened(`${indent}${text}`)}`);
    },
  };
}

function shortened(text: string): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
