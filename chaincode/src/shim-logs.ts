/** What the shim says of itself. */
import { getLogger } from 'fabric-shim/lib/logger';

/** Loggers that the shim writes to for every message between peer and chaincode. */
const BUSY_LOGGERS = [
  'lib/chaincode.js',
  'lib/handler.js',
  'lib/iterators.js',
  'lib/stub.js',
  'contracts-spi/chaincodefromcontract.js',
  'contracts-spi/datamarshall.js',
] as const;
const LEVELS = ['debug', 'info', 'warn'] as const;

/**
 * Makes the levels that are switched off cost nothing. The shim's loggers write out every line with
 * all that it names before they look at its level: some 20 microseconds a line, for every read too.
 */
export function silenceDisabledLevels(): void {
  for (const logger of BUSY_LOGGERS.map((name) => getLogger(name))) {
    for (const level of LEVELS) {
      if (!logger.isLevelEnabled(level)) logger[level] = () => logger;
    }
  }
}
