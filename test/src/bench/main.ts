/** `npm run bench`: measures and prints one JSON object a line; what it does goes to stderr. */
import { benchBids } from './bids-bench';
import { benchNetwork } from './network-bench';
import { benchStart } from './start-bench';

const durationMs = 8_000;

const parts: Readonly<Record<string, () => Promise<void>>> = {
  start: benchStart,
  network: () => benchNetwork({ durationMs, batchTimeoutsMs: [10, 200] }),
  bids: benchBids,
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).filter((word) => word !== '--');
  const unknown = wanted.find((word) => !Object.hasOwn(parts, word));
  if (unknown !== undefined) {
    throw new Error(`bench knows ${Object.keys(parts).join(', ')}, not ${unknown}`);
  }
  for (const [name, run] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) await run();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
