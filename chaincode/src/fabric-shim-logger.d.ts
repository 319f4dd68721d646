/** The shim's loggers, for which it ships no types. */
declare module 'fabric-shim/lib/logger' {
  interface Logger {
    debug(...words: readonly unknown[]): Logger;
    info(...words: readonly unknown[]): Logger;
    warn(...words: readonly unknown[]): Logger;
    isLevelEnabled(level: string): boolean;
  }
  /** The logger of this name, always the same; its level is that of `CORE_CHAINCODE_LOGGING_LEVEL`. */
  export function getLogger(name: string): Logger;
}
