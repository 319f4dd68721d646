// @peculiar/x509 registers its parsers through decorators and needs the metadata API first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** @peculiar/x509, ready for use on Node's WebCrypto. */
export { x509 };
