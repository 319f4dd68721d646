import { readdir } from 'node:fs/promises';
import { DataFolderError } from './data-folder';
import type { DataFolder } from './data-folder';
import type { OrderingService } from './ordering-service';
import type { PeerChannel } from './peer-channel';

/**
 * A channel may be added to a network, but none of an existing folder left out.
 * @throws DataFolderError
 */
export async function refuseOtherChannels(
  folder: DataFolder,
  known: readonly string[],
): Promise<void> {
  const found = await readdir(folder.at('orderer')).catch(() => []);
  const other = found.find((channel) => !known.includes(channel));
  if (other === undefined) return;
  throw new DataFolderError(
    'FOLDER_FORMAT',
    `The data folder ${folder.path} holds the channel ${other}, which the topology does not ` +
      'have. Choose another folder.',
  );
}

/**
 * A peer never has blocks that the ordering node has not; if so, a folder was exchanged.
 * @throws DataFolderError
 */
export function checkNotAhead(peer: PeerChannel, ordering: OrderingService, folder: string): void {
  if (peer.height <= ordering.feed.height) return;
  throw new DataFolderError(
    'FOLDER_UNUSABLE',
    `In the data folder ${folder} the peer of ${peer.mspId} has ${peer.height} blocks, but the ` +
      `ordering node only ${ordering.feed.height}. Restore the whole folder from one copy, or ` +
      'start with an empty one.',
  );
}
