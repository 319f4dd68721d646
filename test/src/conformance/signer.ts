import { createPrivateKey, sign } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import type { MessageSigner } from '@procurement/network/messages/signer';
import type { Credentials } from './network-driver';

const scalarBytes = 32;
/** Order of the group of P-256 (SEC 2, 2.4.2). */
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** Somebody who signs messages for a network. */
export interface Signer extends MessageSigner {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Signs with s in the lower half of the order, as Fabric asks for. */
export function signerOf(credentials: Credentials): Signer {
  return signerWith(credentials, (s) => (s > order / 2n ? order - s : s));
}

/** The same key, but s is always in the upper half: a signature that only Fabric refuses. */
export function withHighS(signer: Signer): Signer {
  return signerWith(signer, (s) => (s > order / 2n ? s : order - s));
}

/** Signs something else than it is asked to. */
export function spoiled(signer: Signer): Signer {
  return { ...signer, sign: () => signer.sign(Buffer.from('something else')) };
}

function signerWith(credentials: Credentials, adjust: (s: bigint) => bigint): Signer {
  const { mspId, certificatePem, privateKeyPem } = credentials;
  const key = createPrivateKey(privateKeyPem);
  return {
    mspId,
    certificatePem,
    privateKeyPem,
    serialized: serializedIdentity(mspId, Buffer.from(certificatePem)),
    sign: (message) => {
      const plain = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
      const s = adjust(BigInt(`0x${plain.subarray(scalarBytes).toString('hex')}`));
      return derOf(BigInt(`0x${plain.subarray(0, scalarBytes).toString('hex')}`), s);
    },
  };
}

/** An identity of any MSP id and any bytes in place of a certificate. */
export function serializedIdentity(mspId: string, idBytes: Uint8Array): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(idBytes);
  return identity.serializeBinary();
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3); both lengths fit into one byte. */
function derOf(r: bigint, s: bigint): Buffer {
  const content = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const unsigned = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, unsigned.length), unsigned]);
}
