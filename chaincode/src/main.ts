/** The chaincode as a process of its own: the contracts, and an end at faults that none catches. */
import { endAtFaults } from './process-faults';

endAtFaults();

export { contracts } from './index';
