/** Entry of the `procure` command; `client/bin/procure.cjs` loads it. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { run } from './run';

const CLEAR_LINE = '\r\u001b[2K';

/** Takes what readline would echo, and shows nothing of it. */
const silence = new Writable({
  write: (_piece, _encoding, done) => {
    done();
  },
});

function ask(question: string, options?: { readonly secret: true }): Promise<string> {
  const isSecret = options?.secret === true;
  if (isSecret) process.stderr.write(question);
  const output = isSecret ? silence : process.stderr;
  const dialogue = createInterface({ input: process.stdin, output, terminal: true });
  return new Promise((resolve, reject) => {
    dialogue.on('SIGINT', () => {
      dialogue.close();
      reject(new Error('interrupted; nothing was signed'));
    });
    dialogue.question(isSecret ? '' : question, (answer) => {
      dialogue.close();
      if (isSecret) process.stderr.write('\n');
      resolve(answer);
    });
  });
}

void run(process.argv.slice(2), {
  env: process.env,
  print: (line) => {
    process.stdout.write(`${line}\n`);
  },
  printError: (text) => {
    process.stderr.write(text);
  },
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  progress: process.stderr.isTTY
    ? (text) => {
        process.stderr.write(`${CLEAR_LINE}${text}`);
      }
    : undefined,
}).then((exitCode) => {
  process.exitCode = exitCode;
});
