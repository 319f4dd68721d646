/** The words that every part of the ledger agrees on. */
export * from './bid-document';
export * from './bytes';
export * from './canonical-json';
export * from './commands';
export * from './events';
export * from './fields';
export * from './format';
export * from './ids';
export * from './immutable';
export * from './instant';
export * from './money';
export * from './possession';
export * from './queries';
export * from './records';
export * from './rejects';
export * from './roles';
export * from './seal-messages';
