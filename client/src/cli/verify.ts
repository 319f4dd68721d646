import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../check';
import { SignedApi } from '../signed-api';
import { fetchedBlocks } from '../verify/fetched-blocks';
import { type VerifiedProcedure, verifyProcedure } from '../verify/verify-procedure';
import type { Call, Report } from './call';
import { readPins } from './folder/pinned-roots';
import { lotText } from './lot-text';
import { type Task, TENDER_OPERAND } from './task';
import { UsageError } from './usage-error';

const BLOCK_FILE = /^(?:.*[_-])?(\d{1,9})\.block$/;

/** `procure verify <tenderId>` */
export const VERIFY: Task = {
  name: 'verify',
  about: 'Check a whole procedure from the blocks alone, against your pinned roots.',
  operands: [TENDER_OPERAND],
  options: [
    ['--blocks <folder>', 'blocks as files <number>.block, instead of asking the gateway'],
    ['--save <folder>', 'keep the blocks that the gateway gave'],
    ['--roots <folder>', 'CA certificates, <MSP id>.pem, instead of those of your folder'],
  ],
  run: verify,
};

async function verify(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const folder = call.option('blocks');
  const named = call.option('roots');
  const verified = await verifyProcedure(folder === undefined ? fetched(call) : kept(folder), {
    tenderId,
    ...(named === undefined ? await call.folder().pins() : readPins(named)),
    progress: (blocks) => {
      call.progress(`Checked ${blocks} blocks`);
    },
  });
  return { value: verified, lines: linesOf(verified) };
}

async function* fetched(call: Call): AsyncGenerator<Uint8Array> {
  const [api, witness] = [await call.api(), await call.witness()];
  if (!(api instanceof SignedApi))
    throw new UsageError('a service account gives --blocks <folder>');
  const other = witness instanceof SignedApi ? witness : undefined;
  const save = call.option('save');
  if (save !== undefined) mkdirSync(save, { recursive: true });
  let number = 0;
  for await (const block of fetchedBlocks(other === undefined ? [api] : [api, other])) {
    if (save !== undefined) writeFileSync(join(save, `${number}.block`), block);
    number += 1;
    yield block;
  }
}

function* kept(folder: string): Generator<Uint8Array> {
  const files = new Map<number, string>();
  for (const name of readdirSync(folder)) {
    const [, number] = BLOCK_FILE.exec(name) ?? [];
    if (number !== undefined) files.set(Number(number), name);
  }
  check(files.size > 0, `${folder} holds no files <number>.block`);
  for (const number of [...files.keys()].sort((left, right) => left - right)) {
    yield readFileSync(join(folder, files.get(number) ?? ''));
  }
}

function linesOf(verified: VerifiedProcedure): string[] {
  const {
    tenderId,
    blocks,
    firstBlockHash,
    isConfigurationPinned,
    listHash,
    bids,
    struck,
    excluded,
    technical,
    lots,
    leftOut,
    steps,
  } = verified;
  return [
    `Everything holds: ${tenderId}, from ${blocks} blocks.`,
    `first block  ${firstBlockHash}${isConfigurationPinned ? '' : ' (compare it with others)'}`,
    `steps        ${Object.entries(steps)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    ...(listHash === undefined ? [] : [`list hash    ${listHash}`]),
    ...bids.map(({ bidKey, state }) => `bid          ${bidKey} ${state}`),
    ...struck.map((bidKey) => `struck       ${bidKey} (its deal was false)`),
    ...technical.map(
      ({ bidKey, passed, reason }) =>
        `technical    ${bidKey} ${passed ? 'passed' : `did not pass${reason ? `: ${reason}` : ''}`}`,
    ),
    ...excluded.map((bidKey) => `sealed       ${bidKey} (its first envelope did not pass)`),
    ...lots.map((lot) => `award        ${lotText(lot)}`),
    ...(lots.length === 0 ? ['no award yet'] : []),
    ...leftOut.map(
      (id) => `invalid      ${id} (marked so by the peer; nothing later builds on it)`,
    ),
  ];
}
