import { describe, expect, test } from '@jest/globals';
import { type BlockSource, fetchedBlocks } from './fetched-blocks';

function having(...numbers: readonly number[]): BlockSource & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    block: (number) => {
      asked.push(number);
      return Promise.resolve(numbers.includes(number) ? Uint8Array.of(number) : undefined);
    },
  };
}

async function fetched(...sources: readonly BlockSource[]): Promise<number[]> {
  const found: number[] = [];
  for await (const [byte = -1] of fetchedBlocks(sources)) found.push(byte);
  return found;
}

describe('the blocks that gateways give', () => {
  test('are those of the first one, which alone is asked as long as it has them', async () => {
    const second = having(0, 1, 2);
    expect(await fetched(having(0, 1, 2), second)).toEqual([0, 1, 2]);
    expect(second.asked).toEqual([3]);
  });

  test('go on where the first one leaves out the last ones', async () => {
    expect(await fetched(having(0, 1), having(0, 1, 2, 3))).toEqual([0, 1, 2, 3]);
  });

  test('end where nobody has the next', async () => {
    expect(await fetched(having(0, 2), having(0, 2))).toEqual([0]);
    expect(await fetched(having())).toEqual([]);
  });
});
