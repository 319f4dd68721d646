/** The chaincode: `fabric-chaincode-node` finds its contracts here. */
import { AuditContract } from './contracts/audit-contract';
import { AwardContract } from './contracts/award-contract';
import { BidContract } from './contracts/bid-contract';
import { installDoor } from './contracts/door';
import { KeyContract } from './contracts/key-contract';
import { OpeningContract } from './contracts/opening-contract';
import { StoreContract } from './contracts/store-contract';
import { TenderContract } from './contracts/tender-contract';
import { VendorContract } from './contracts/vendor-contract';
import { silenceDisabledLevels } from './shim-logs';

silenceDisabledLevels();
installDoor();

/** The contracts, in the order of a procurement's life. */
export const contracts = [
  KeyContract,
  VendorContract,
  StoreContract,
  TenderContract,
  BidContract,
  OpeningContract,
  AwardContract,
  AuditContract,
];
