import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { topology } from '../../../topologies/minimal';
import { createOrLoadCrypto } from '../../../certificates/crypto-store';
import type { CryptoStore } from '../../../certificates/crypto-store';
import { MspRegistry } from '../identity/msp';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { identityWith } from './policies.test-support';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import { identitiesOf, satisfiesSignaturePolicy } from './signature-policy';
import type { SignedDatum } from './signature-policy';

const admin = identityWith('A.member A.admin');
const user = identityWith('A.member A.client');
const other = identityWith('A.member A.client other');

function holds(text: string, ...identities: ReturnType<typeof identityWith>[]): boolean {
  return satisfiesSignaturePolicy(parsePolicy(text), identities);
}

describe('a signature policy', () => {
  // As recorded on real peers: behaviour 45.
  test.each([
    ['[admin, user]', [admin, user], false],
    ['[user, admin]', [user, admin], true],
    ['[admin]', [admin], false],
    ['[user, other]', [user, other], false],
    ['[admin, user, other]', [admin, user, other], false],
  ])("AND('A.member','A.admin') depends on the order: %s", (_, identities, expected) => {
    expect(holds("AND('A.member','A.admin')", ...identities)).toBe(expected);
  });

  test('takes every identity once', () => {
    expect(holds("AND('A.member','A.member')", user)).toBe(false);
    expect(holds("AND('A.member','A.member')", user, other)).toBe(true);
  });

  test('gives back what a failed gate took', () => {
    const text = "AND(OutOf(1, AND('A.member','B.member'), 'A.member'), 'C.member')";
    expect(holds(text, user, identityWith('C.member'))).toBe(true);
  });

  test('lets a gate that is satisfied already take more', () => {
    const text = "AND(OR('A.member','B.member'), 'B.member')";
    const b = identityWith('B.member');
    expect(holds(text, user, b)).toBe(false);
    expect(holds(text, user, b, identityWith('B.member second'))).toBe(true);
  });

  test('of the procurement kind needs the auditor and one other', () => {
    const text = "AND('Auditor.peer', OR('Ministry.peer','Vendor.peer'))";
    const peers = (names: string[]) => names.map((name) => identityWith(`${name}.peer`));
    expect(holds(text, ...peers(['Auditor', 'Ministry']))).toBe(true);
    expect(holds(text, ...peers(['Vendor', 'Auditor']))).toBe(true);
    expect(holds(text, ...peers(['Ministry', 'Vendor']))).toBe(false);
    expect(holds(text, ...peers(['Auditor']))).toBe(false);
  });

  test('that requires nothing is satisfied, and one more than there is, never', () => {
    expect(holds("OutOf(0,'A.member')")).toBe(true);
    expect(holds("OutOf(2,'A.member')", user, other)).toBe(false);
  });

  test('that names a missing principal or has no rule satisfies nobody', () => {
    const missing = parsePolicy("OR('A.member','A.member')");
    missing.setIdentitiesList(missing.getIdentitiesList().slice(0, 1));
    expect(satisfiesSignaturePolicy(missing, [user])).toBe(false);
    expect(satisfiesSignaturePolicy(new common.SignaturePolicyEnvelope(), [user])).toBe(false);
  });
});

describe('the identities of signatures', () => {
  let folder = '';
  let store: CryptoStore;
  let msps: MspRegistry;
  const data = Buffer.from('payload');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policies-'));
    store = await createOrLoadCrypto({ topology, folder });
    msps = new MspRegistry([...store.organizations.values()].map((one) => one.mspConfig));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function signed(by: SigningIdentity, signature = by.sign(data)): SignedDatum {
    return { data, identity: by.serialized, signature };
  }

  test('come in order and once each', () => {
    const alpha = store.peer('AlphaMSP').identity;
    const beta = store.peer('BetaMSP').identity;
    const found = identitiesOf([signed(beta), signed(alpha), signed(beta)], msps);
    expect(found.map((one) => one.mspId)).toEqual(['BetaMSP', 'AlphaMSP']);
  });

  // As recorded on real peers: behaviour 45b.
  test('leave out bad ones, and a bad one does not spoil a later good one', () => {
    const alpha = store.peer('AlphaMSP').identity;
    const bad = signed(alpha, Buffer.from('bad'));
    const unknown = { data, identity: Buffer.from('who'), signature: alpha.sign(data) };
    expect(identitiesOf([bad, unknown], msps)).toEqual([]);
    expect(identitiesOf([bad, signed(alpha)], msps).map((one) => one.mspId)).toEqual(['AlphaMSP']);
  });
});
