import { msp } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../crypto/hashes';
import { LruMap } from '../../../crypto/lru-map';
import { parseCertificate } from '../../../certificates/certificate';

const remembered = new LruMap<string, Date | undefined>(4096);

/**
 * When the certificate of an identity ends, whoever issued it.
 * @param serialized msp.SerializedIdentity bytes
 * @returns undefined when there is no certificate to read
 * Source: common/crypto/expiration.go:ExpiresAt
 */
export function expiryOf(serialized: Uint8Array): Date | undefined {
  const name = sha256(serialized).toString('latin1');
  const known = remembered.get(name);
  if (known) return known;
  const expiry = readExpiry(serialized);
  remembered.set(name, expiry);
  return expiry;
}

function readExpiry(serialized: Uint8Array): Date | undefined {
  try {
    const bytes = msp.SerializedIdentity.deserializeBinary(serialized).getIdBytes_asU8();
    return parseCertificate(bytes).notAfter;
  } catch {
    return undefined;
  }
}
