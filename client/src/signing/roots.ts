/** Organisations' roots that a device pins, and certificates held against them. */
import 'reflect-metadata';
import { X509Certificate } from '@peculiar/x509';
import { check, CheckFailed } from '../check';
import { type CryptoKey, importPublicKey } from './signer';

/** CA certificates of the organisations, PEM, by MSP id; taken from each organisation itself. */
export type PinnedRoots = Readonly<Record<string, readonly string[]>>;

/** What a node's certificate was issued for: its role among its subject's units (NodeOUs). */
export type NodeRole = 'peer' | 'orderer' | 'client' | 'admin';

/** Certificates that passed, so that a peer's is not checked for every transaction anew. */
const checkedKeys = new WeakMap<PinnedRoots, Map<string, Promise<CryptoKey>>>();

/**
 * The public key of a certificate that one of its organisation's pinned CAs issued and whose
 * subject has this role. Like Fabric's own check it does not ask whether the certificate has
 * expired since: a block is as good next year (fabric `msp/mspimplvalidate.go`).
 * @throws {CheckFailed}
 */
export function keyOfNode(
  roots: PinnedRoots,
  node: { readonly mspId: string; readonly certificate: string; readonly role: NodeRole },
): Promise<CryptoKey> {
  const known = checkedKeys.get(roots) ?? new Map<string, Promise<CryptoKey>>();
  checkedKeys.set(roots, known);
  const name = `${node.mspId} ${node.role} ${node.certificate}`;
  const key = known.get(name) ?? checkNode(roots, node);
  known.set(name, key);
  return key;
}

async function checkNode(
  roots: PinnedRoots,
  { mspId, certificate, role }: Parameters<typeof keyOfNode>[1],
): Promise<CryptoKey> {
  const leaf = readCertificate(certificate);
  const pinned = Object.hasOwn(roots, mspId) ? (roots[mspId] ?? []) : [];
  check(pinned.length > 0, `no root of the organisation ${mspId} is pinned`);
  const issuers = pinned.map(readCertificate);
  const isIssued = await someOf(issuers, (issuer) => isIssuedBy(leaf, issuer));
  check(isIssued, `a certificate of ${mspId} was not issued by a pinned root`);
  const units = leaf.subjectName.getField('OU');
  check(units.includes(role), `a certificate of ${mspId} has not the role ${role}`);
  return keyOf(leaf);
}

/** @throws {CheckFailed} where the text holds no certificate */
export function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new CheckFailed('this is no certificate');
  }
}

async function isIssuedBy(leaf: X509Certificate, issuer: X509Certificate): Promise<boolean> {
  try {
    if (leaf.issuer !== issuer.subject) return false;
    return await leaf.verify({ publicKey: issuer.publicKey, signatureOnly: true });
  } catch {
    // A certificate is read part by part; one whose signature is none was issued by nobody.
    return false;
  }
}

/** The certificate's key, which has to be one of P-256. */
function keyOf(certificate: X509Certificate): Promise<CryptoKey> {
  return importPublicKey(new Uint8Array(certificate.publicKey.rawData));
}

async function someOf<T>(
  values: readonly T[],
  holds: (value: T) => Promise<boolean>,
): Promise<boolean> {
  for (const value of values) if (await holds(value)) return true;
  return false;
}
