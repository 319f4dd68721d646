import { generateKeyPairSync } from 'node:crypto';
import { signLowS } from '../identity/sign';

const SEQUENCE = 0x30;
const SET = 0x31;
const ECDSA_WITH_SHA256 = '06082a8648ce3d040302';
const COMMON_NAME = '0603550403';
const FABRIC_ATTRIBUTES = '06082a03040506070801';

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  const length =
    value.length < 0x80
      ? Buffer.from([value.length])
      : Buffer.from([0x82, value.length >> 8, value.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, value]);
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const algorithm = der(SEQUENCE, hex(ECDSA_WITH_SHA256));

function nameOf(commonName: string): Buffer {
  const attribute = der(SEQUENCE, hex(COMMON_NAME), der(0x0c, Buffer.from(commonName)));
  return der(SEQUENCE, der(SET, attribute));
}

function extensionsOf(attributes: Record<string, string>): Buffer {
  const value = der(0x04, Buffer.from(JSON.stringify({ attrs: attributes })));
  const extension = der(SEQUENCE, hex(FABRIC_ATTRIBUTES), value);
  return der(0xa3, der(SEQUENCE, extension));
}

/** A certificate and its key, PEM, and the wallet file that holds both. */
export interface TestCertificate {
  readonly certificate: string;
  readonly privateKey: string;
  readonly walletFile: string;
}

/** Makes a self-signed certificate with the attributes that Fabric CA would write into it. */
export function newTestCertificate(options: {
  readonly name: string;
  readonly mspId: string;
  readonly attributes?: Record<string, string>;
}): TestCertificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const instant = (text: string): Buffer => der(0x17, Buffer.from(text));
  const tbs = der(
    SEQUENCE,
    der(0xa0, hex('020102')),
    hex('020101'),
    algorithm,
    nameOf('ca.test'),
    der(SEQUENCE, instant('250101000000Z'), instant('450101000000Z')),
    nameOf(options.name),
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    extensionsOf(options.attributes ?? {}),
  );
  const signature = der(0x03, Buffer.from([0]), signLowS(pair.privateKey, tbs));
  const base64 = der(SEQUENCE, tbs, algorithm, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  const certificate = [
    '-----BEGIN CERTIFICATE-----',
    ...lines,
    '-----END CERTIFICATE-----',
    '',
  ].join('\n');
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const walletFile = JSON.stringify({
    credentials: { certificate, privateKey },
    mspId: options.mspId,
    type: 'X.509',
    version: 1,
  });
  return { certificate, privateKey, walletFile };
}
