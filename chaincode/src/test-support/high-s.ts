/** The form of a signature that nothing here may take. */
import { fromBase64url, toBase64url } from '@procurement/protocol';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The other signature that ECDSA has for the same message: s replaced by the order less s.
 * @param signature DER with low s, base64url
 */
export function highS(signature: string): string {
  const der = fromBase64url(signature);
  const sAt = 4 + der[3]! + 2;
  const s = BigInt(`0x${Buffer.from(der.subarray(sAt)).toString('hex')}`);
  const digits = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex');
  const high = Buffer.concat([digits[0]! < 128 ? Buffer.alloc(0) : Buffer.alloc(1), digits]);
  const body = Buffer.concat([der.subarray(2, sAt - 2), Buffer.of(2, high.length), high]);
  return toBase64url(Buffer.concat([Buffer.of(0x30, body.length), body]));
}
