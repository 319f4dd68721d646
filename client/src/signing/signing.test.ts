import {
  createPublicKey,
  createVerify,
  randomBytes,
  randomInt,
  X509Certificate,
} from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  ChaincodeProposalPayload,
  Proposal,
} from '@hyperledger/fabric-protos/lib/peer/proposal_pb';
import { derOfRaw, rawOfDer } from '@procurement/protocol';
import { buildProposal, type ChaincodeCall } from '@procurement/protocol/fabric';
import { CheckFailed } from '../check';
import {
  endorse,
  newTestWorld,
  TestAuthority,
  type TestWorld,
} from '../test-support/test-authority';
import { checkEndorsed } from './check-endorsed';
import { checkOffered } from './check-proposal';
import { isSignatureOf, newKeyPair, type Signer, signRaw } from './signer';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const call: ChaincodeCall = {
  channel: 'procurement',
  chaincode: 'procurement',
  transaction: 'bid:submit',
  args: ['{"tenderId":"T-1"}'],
};
const nowMs = Date.parse('2026-11-25T10:00:00Z');

let world: TestWorld;
let vendor: Signer;

beforeAll(async () => {
  world = await newTestWorld();
  vendor = await world.authorities.VendorMSP.issue('dorji', 'client');
});

describe('a signature', () => {
  test('is DER with the low s, and verifies elsewhere', async () => {
    const message = Buffer.from('a message');
    const key = createPublicKey(
      new X509Certificate(vendor.certificate).publicKey.export({
        format: 'pem',
        type: 'spki',
      }),
    );
    for (let round = 0; round < 20; round += 1) {
      const signature = await vendor.sign(message);
      expect(createVerify('sha256').update(message).verify(key, signature)).toBe(true);
      const raw = rawOfDer(signature);
      expect(
        BigInt(
          `0x${Buffer.from(raw ?? [])
            .subarray(32)
            .toString('hex')}`,
        ),
      ).toBeLessThanOrEqual(ORDER / 2n);
    }
  });

  test('goes from raw to DER and back', async () => {
    const { privateKey } = await newKeyPair({ extractable: false });
    const der = derOfRaw(await signRaw(privateKey, Uint8Array.of(1)));
    const raw = rawOfDer(der);
    expect(raw).toHaveLength(64);
    expect(derOfRaw(raw ?? new Uint8Array())).toEqual(der);
  });

  test.each([
    ['nothing', ''],
    ['a high s', `3045022001${'00'.repeat(31)}022100${(ORDER - 1n).toString(16)}`],
    ['a zero', '3006020100020101'],
    ['a negative number', '3006020180020101'],
    ['a padded number', '300702020001020101'],
    ['bytes at the end', '300602010102010100'],
    ['a length beyond the end', '300602010102050101'],
  ])('with %s is none', async (_, hex) => {
    const der = Buffer.from(hex, 'hex');
    expect(rawOfDer(der)).toBeUndefined();
    const { publicKey } = await newKeyPair({ extractable: false });
    const signed = { publicKey, message: Uint8Array.of(1), signature: der };
    expect(await isSignatureOf(signed)).toBe(false);
  });

  test('is made with a key that cannot leave WebCrypto', async () => {
    const { privateKey } = await newKeyPair({ extractable: false });
    await expect(globalThis.crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow();
  });
});

describe('a proposal that somebody else built', () => {
  const offer = async (changes: Partial<ChaincodeCall> & { atMs?: number } = {}) =>
    (
      await buildProposal({
        ...{ ...call, creator: vendor, nonce: randomBytes(24), atMs: nowMs },
        ...changes,
      })
    ).bytes;
  const check = (bytes: Uint8Array) => checkOffered(bytes, { ...call, creator: vendor, nowMs });

  test('is signed where it is what was asked for', async () => {
    const bytes = await offer({ atMs: nowMs - 119_000 });
    expect((await check(bytes)).bytes).toEqual(bytes);
  });

  test.each<[string, Partial<ChaincodeCall> & { atMs?: number }]>([
    ['another function', { transaction: 'bid:withdraw' }],
    ['another argument', { args: ['{"tenderId":"T-2"}'] }],
    ['one more argument', { args: [...call.args, 'x'] }],
    ['another channel', { channel: 'other' }],
    ['another chaincode', { chaincode: 'other' }],
    ['a time three minutes away', { atMs: nowMs + 180_000 }],
  ])('with %s is not signed', async (_, changes) => {
    await expect(check(await offer(changes))).rejects.toThrow(CheckFailed);
  });

  test('with transient data is not signed', async () => {
    const proposal = Proposal.deserializeBinary(await offer());
    const payload = ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
    payload.getTransientmapMap().set('secret', Uint8Array.of(1));
    proposal.setPayload(payload.serializeBinary());
    await expect(check(proposal.serializeBinary())).rejects.toThrow(CheckFailed);
  });

  test('passes no random change but one of its time within two minutes', async () => {
    const bytes = await offer();
    let passed = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const changed = Uint8Array.from(bytes);
      const at = randomInt(changed.length);
      changed[at] = ((changed[at] ?? 0) + randomInt(1, 256)) & 0xff;
      const built = await check(changed).catch(() => undefined);
      if (built === undefined) continue;
      passed += 1;
      const again = await checkOffered(built.bytes, { ...call, creator: vendor, nowMs });
      expect(again.bytes).toEqual(changed);
    }
    expect(passed).toBeLessThan(50);
  });
});

describe('an endorsed transaction', () => {
  let proposal: Uint8Array;
  let both: Signer[];

  beforeAll(async () => {
    const content = { ...call, creator: vendor, nonce: randomBytes(24), atMs: nowMs };
    proposal = (await buildProposal(content)).bytes;
    both = [world.peers.AuditorMSP, world.peers.VendorMSP];
  });

  test('is signed where its endorsers are those that the rules demand', async () => {
    const endorsed = await endorse(proposal, both);
    const transaction = await checkEndorsed(endorsed, proposal, world.roots);
    expect(transaction.writes).toEqual([{ key: 'key', value: Uint8Array.of(1) }]);
    expect(transaction.endorsements.map(({ endorser }) => endorser.mspId)).toEqual([
      'AuditorMSP',
      'VendorMSP',
    ]);
  });

  test.each<[string, Parameters<typeof endorse>[2], string]>([
    ['two actions', { actions: 2 }, 'number of actions'],
    ['another header in its action', { actionHeader: Uint8Array.of(1) }, 'header of the action'],
    ['a refusal of the chaincode', { status: 500 }, 'status of the response'],
    ['another chaincode', { chaincode: 'other' }, 'chaincode of the action'],
    ['another namespace', { namespaces: ['other'] }, 'namespace'],
    ['a write to the lifecycle', { namespaces: ['_lifecycle'] }, 'namespace'],
    ['the hash of another proposal', { hash: new Uint8Array(32) }, 'hash of the proposal'],
  ])('with %s is not signed', async (_, changes, part) => {
    const endorsed = await endorse(proposal, both, changes);
    await expect(checkEndorsed(endorsed, proposal, world.roots)).rejects.toThrow(
      `what is to be signed cannot be a transaction: ${part}`,
    );
  });

  test('of another proposal is not signed', async () => {
    const content = { ...call, creator: vendor, nonce: randomBytes(24), atMs: nowMs };
    const other = await endorse((await buildProposal(content)).bytes, both);
    await expect(checkEndorsed(other, proposal, world.roots)).rejects.toThrow(
      'what is to be signed is not the transaction that was proposed',
    );
  });

  test('without an organisation that must endorse it is not signed', async () => {
    for (const peers of [
      [world.peers.AuditorMSP],
      [world.peers.VendorMSP, world.peers.MinistryMSP],
    ]) {
      await expect(
        checkEndorsed(await endorse(proposal, peers), proposal, world.roots),
      ).rejects.toThrow('organisations that must endorse the transaction have not');
    }
  });

  test('of a peer under a root that is not pinned is not signed', async () => {
    const rogue = await (await TestAuthority.create('AuditorMSP')).issue('peer0', 'peer');
    const endorsed = await endorse(proposal, [rogue, world.peers.VendorMSP]);
    await expect(checkEndorsed(endorsed, proposal, world.roots)).rejects.toThrow(
      'a certificate of AuditorMSP was not issued by a pinned root',
    );
  });

  test('endorsed by a client instead of a peer is not signed', async () => {
    const client = await world.authorities.AuditorMSP.issue('auditor', 'client');
    const endorsed = await endorse(proposal, [client, world.peers.VendorMSP]);
    await expect(checkEndorsed(endorsed, proposal, world.roots)).rejects.toThrow(
      'a certificate of AuditorMSP has not the role peer',
    );
  });

  test('with a signature of another key is not signed', async () => {
    const endorsed = await endorse(proposal, both, { signedBy: () => world.peers.VendorMSP });
    await expect(checkEndorsed(endorsed, proposal, world.roots)).rejects.toThrow(
      'the endorsement of AuditorMSP does not hold',
    );
  });
});
