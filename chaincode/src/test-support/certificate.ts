/** Certificates as Fabric CA writes them: P-256, and attributes as JSON in an extension. */
import {
  createSign,
  generateKeyPairSync,
  type KeyPairKeyObjectResult,
  randomBytes,
} from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;

const COMMON_NAME = Buffer.from('550403', 'hex');
const ORGANIZATIONAL_UNIT = Buffer.from('55040b', 'hex');
const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');
/** 1.2.3.4.5.6.7.8.1 */
const FABRIC_ATTRIBUTES = Buffer.from('2a03040506070801', 'hex');

/** A certificate in PEM and the hash by which the ledger knows its key. */
export interface TestCertificate {
  readonly pem: string;
  readonly spkiDer: Buffer;
}

/**
 * A new certificate with these attributes.
 * @param more.units organisational units, which stand before the name in the subject
 * @param more.notAfter the end of its time, as UTCTime
 * @param more.keys of its holder; new ones where they are left out
 */
export function issueCertificate(
  name: string,
  attributes: Readonly<Record<string, string>>,
  more: {
    readonly units?: readonly string[];
    readonly notAfter?: string;
    readonly keys?: KeyPairKeyObjectResult;
  } = {},
): TestCertificate {
  const { privateKey, publicKey } = more.keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spkiDer = publicKey.export({ format: 'der', type: 'spki' });
  const algorithm = der(SEQUENCE, der(OBJECT_ID, ECDSA_WITH_SHA256));
  const body = der(
    SEQUENCE,
    der(VERSION_TAG, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    nameOf('ca.test'),
    der(SEQUENCE, time('200101000000Z'), time(more.notAfter ?? '491231235959Z')),
    nameOf(name, more.units),
    spkiDer,
    extensionsOf(attributes),
  );
  const signature = createSign('sha256').update(body).sign(privateKey);
  const certificate = der(SEQUENCE, body, algorithm, bits(signature));
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    spkiDer,
  };
}

function nameOf(commonName: string, units: readonly string[] = []): Buffer {
  const part = (id: Buffer, text: string): Buffer =>
    der(SET, der(SEQUENCE, der(OBJECT_ID, id), der(UTF8_STRING, Buffer.from(text))));
  const parts = units.map((unit) => part(ORGANIZATIONAL_UNIT, unit));
  return der(SEQUENCE, ...parts, part(COMMON_NAME, commonName));
}

function extensionsOf(attributes: Readonly<Record<string, string>>): Buffer {
  const json = Buffer.from(JSON.stringify({ attrs: attributes }));
  const extension = der(SEQUENCE, der(OBJECT_ID, FABRIC_ATTRIBUTES), der(OCTET_STRING, json));
  return der(EXTENSIONS_TAG, der(SEQUENCE, extension));
}

function time(text: string): Buffer {
  return der(UTC_TIME, Buffer.from(text));
}

function bits(content: Buffer): Buffer {
  return der(BIT_STRING, Buffer.from([0]), content);
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}

/** An instant as UTCTime (RFC 5280 section 4.1.2.5.1), to the second. */
export function utcTimeOf(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`;
}
