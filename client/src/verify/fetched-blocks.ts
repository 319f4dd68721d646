/** Where blocks are asked for, one by one. */
export interface BlockSource {
  /** Serialised `common.Block`; undefined where there is none yet, or it is withheld. */
  block(number: number): Promise<Uint8Array | undefined>;
}

/**
 * The blocks of a chain, from the first one on, as long as one of the sources has the next. One
 * source alone could leave out the last ones, and nothing in a chain says where it ends.
 * @throws whatever a source throws that is asked
 */
export async function* fetchedBlocks(sources: readonly BlockSource[]): AsyncGenerator<Uint8Array> {
  for (let number = 0; ; number += 1) {
    const block = await blockOf(sources, number);
    if (block === undefined) return;
    yield block;
  }
}

async function blockOf(
  sources: readonly BlockSource[],
  number: number,
): Promise<Uint8Array | undefined> {
  for (const source of sources) {
    const block = await source.block(number);
    if (block !== undefined) return block;
  }
  return undefined;
}
