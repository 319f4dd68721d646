import { createOrLoadCrypto } from '../../certificates/crypto-store';
import { chaincodeServices } from '../../chaincode-service/chaincode-services';
import type {
  ChaincodeAddresses,
  ChaincodeService,
} from '../../chaincode-service/chaincode-services';
import type { Topology } from '../../topology';
import { DataFolder } from './data-folder';

/**
 * The services of all chaincodes of a topology, before the network starts on the folder: makes the
 * keys and certificates of the network where they are not there yet.
 * @throws DataFolderError, CryptoStoreError, TopologyError
 */
export async function prepareChaincodes(parts: {
  readonly topology: Topology;
  readonly folder: string;
  readonly addresses?: ChaincodeAddresses;
}): Promise<readonly ChaincodeService[]> {
  const { topology, addresses } = parts;
  const folder = await DataFolder.open(parts.folder);
  try {
    const crypto = await createOrLoadCrypto({ topology, folder: folder.path });
    const made = await Promise.all(
      topology.chaincodes.map((one) => chaincodeServices(one, { crypto, addresses })),
    );
    return made.flat();
  } finally {
    await folder.release();
  }
}
