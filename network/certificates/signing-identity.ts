import type { KeyObject } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import { signLowS } from '../crypto/signatures';

/** Someone who can sign: a peer, the orderer or a user. */
export interface SigningIdentity {
  readonly mspId: string;
  /** The serialized msp.SerializedIdentity {mspid, PEM}: creator or endorser bytes. */
  readonly serialized: Buffer;
  readonly certificatePem: string;
  /** Low-S DER signature over the SHA-256 of the message. */
  sign(message: Uint8Array): Buffer;
}

/** Joins a certificate (PEM) and its private key. */
export function createSigningIdentity(parts: {
  mspId: string;
  certificatePem: string;
  privateKey: KeyObject;
}): SigningIdentity {
  const { mspId, certificatePem, privateKey } = parts;
  return {
    mspId,
    certificatePem,
    serialized: serializeIdentity({ mspId, certificatePem }),
    sign: (message) => signLowS(privateKey, message),
  };
}

/** msp.SerializedIdentity bytes. */
export function serializeIdentity(parts: { mspId: string; certificatePem: string }): Buffer {
  const message = new msp.SerializedIdentity();
  message.setMspid(parts.mspId);
  message.setIdBytes(Buffer.from(parts.certificatePem, 'utf8'));
  return Buffer.from(message.serializeBinary());
}
