/** Entry of the `procure` command; `client/bin/procure.cjs` loads it. */
import { run } from './run';

void run(process.argv.slice(2), {
  env: process.env,
  print: (line) => {
    process.stdout.write(`${line}\n`);
  },
  printError: (text) => {
    process.stderr.write(text);
  },
}).then((exitCode) => {
  process.exitCode = exitCode;
});
