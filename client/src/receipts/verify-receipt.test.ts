import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Receipt } from '@procurement/protocol';
import { newTestReceipt, type ReceiptChanges } from '../test-support/test-receipt';
import { newTestWorld, TestAuthority, type TestWorld } from '../test-support/test-authority';
import { verifyReceipt } from './verify-receipt';

let world: TestWorld;
let honest: Receipt;

beforeAll(async () => {
  world = await newTestWorld();
  honest = await newTestReceipt(world);
});

const verify = (receipt: unknown) => verifyReceipt(receipt, { roots: world.roots });
const other32 = 'B'.repeat(42) + 'A';

describe('a receipt', () => {
  test('says who signed what and when, who endorsed it, and who vouches for it', async () => {
    expect(await verify(honest)).toEqual({
      transactionId: honest.transactionId,
      command: 'vendor:register',
      signer: { mspId: 'VendorMSP', certificate: expect.stringContaining('BEGIN CERTIFICATE') },
      at: '2026-11-25T10:00:00.000Z',
      endorsers: ['AuditorMSP', 'VendorMSP'],
      attestedBy: ['AuditorMSP', 'MinistryMSP'],
      blockNumber: 7,
      showsBlock: true,
    });
  });

  test('says so where it does not show what else its block holds', async () => {
    const { data, metadata, ...header } = honest.block;
    const block = { ...header, metadata: metadata.slice(0, 1) };
    expect(data).toHaveLength(1);
    expect(await verify({ ...honest, block })).toMatchObject({ showsBlock: false });
  });

  test('of a block of several transactions holds as well', async () => {
    const data = (envelope: Uint8Array): Uint8Array[] => [Uint8Array.of(1), envelope];
    expect(await verify(await newTestReceipt(world, { data }))).toMatchObject({ blockNumber: 7 });
  });
});

describe('a receipt does not hold', () => {
  test.each<[string, (receipt: Receipt) => unknown, string]>([
    ['nothing', () => undefined, 'this is no receipt:  missing'],
    ['another version', (receipt) => ({ ...receipt, v: 2 }), 'this is no receipt: v invalid'],
    ['one member more', (receipt) => ({ ...receipt, x: 1 }), 'this is no receipt: x unknown'],
    ['another channel', (receipt) => ({ ...receipt, channel: 'x' }), 'is of another ledger'],
    ['another chaincode', (receipt) => ({ ...receipt, chaincode: 'x' }), 'is of another ledger'],
    [
      'another transaction id',
      (receipt) => ({ ...receipt, transactionId: 'a'.repeat(64) }),
      'the attestation of AuditorMSP is of another transaction',
    ],
    [
      'an envelope hash where there is no bid',
      (receipt) => ({ ...receipt, envelopeHash: other32 }),
      'the receipt names an envelope and is of no bid',
    ],
    [
      'one attestation',
      ({ attestations, ...receipt }) => ({ ...receipt, attestations: attestations.slice(1) }),
      'this is no receipt: attestations',
    ],
    [
      'the same attestation twice',
      ({ attestations: [first], ...receipt }) => ({ ...receipt, attestations: [first, first] }),
      'fewer than two organisations attest it',
    ],
    [
      'an attestation under the name of another organisation',
      ({ attestations: [first, second], ...receipt }) => ({
        ...receipt,
        attestations: [first, { ...second, mspId: 'VendorMSP' }],
      }),
      'the attestation of VendorMSP is signed by MinistryMSP',
    ],
    [
      'an answer to another question',
      ({ attestations: [first, second], ...receipt }) => ({
        ...receipt,
        attestations: [first, { ...second, proposal: first?.proposal.replace(/.{4}$/, 'AAAA') }],
      }),
      'the attestation of MinistryMSP cannot be read',
    ],
    [
      'text that encodes no bytes',
      ({ block, ...receipt }) => ({ ...receipt, block: { ...block, metadata: ['A'] } }),
      'this is no receipt: not base64url',
    ],
    [
      'another data hash',
      ({ block, ...receipt }) => ({ ...receipt, block: { ...block, dataHash: other32 } }),
      "the ordering service's signature of block 7 does not hold",
    ],
    [
      'another block number',
      ({ block, ...receipt }) => ({ ...receipt, block: { ...block, number: 6 } }),
      "the ordering service's signature of block 6 does not hold",
    ],
    [
      'one envelope more in its block',
      ({ block, ...receipt }) => ({
        ...receipt,
        block: { ...block, data: [...(block.data ?? []), 'AAAA'] },
      }),
      'what block 7 holds does not come to its hash',
    ],
    [
      'headers in another order',
      ({ headers, ...receipt }) => ({ ...receipt, headers: [...headers, ...headers] }),
      'block 8 does not follow block 8',
    ],
    [
      'another previous hash',
      ({ headers: [next], ...receipt }) => ({
        ...receipt,
        headers: [{ ...next, previousHash: other32 }],
      }),
      'block 8 does not follow block 7',
    ],
  ])('with %s', async (_, change, sentence) => {
    await expect(verify(change(honest))).rejects.toThrow(sentence);
  });

  test.each<[string, (world: TestWorld) => ReceiptChanges | Promise<ReceiptChanges>, string]>([
    [
      'the peers hold the transaction as invalid',
      () => ({ validationCode: 11 }),
      'AuditorMSP holds the transaction as invalid',
    ],
    [
      'an attestation was signed with another key',
      ({ peers }) => ({ attestingAs: () => peers.VendorMSP }),
      'the attestation of AuditorMSP does not hold',
    ],
    [
      'another chaincode gave the attestations',
      () => ({ question: { chaincode: 'procurement', transaction: 'GetTransactionByID' } }),
      'the attestation of AuditorMSP cannot be read: question',
    ],
    [
      'the attestations answer another question',
      () => ({ question: { chaincode: 'qscc', transaction: 'GetBlockByTxID' } }),
      'the attestation of AuditorMSP cannot be read: question',
    ],
    [
      'the attestations are of another transaction',
      () => ({ askedFor: 'a'.repeat(64) }),
      'the attestation of AuditorMSP is of another transaction',
    ],
    [
      'the organisations hold different transactions',
      () => ({ secondAnswers: Uint8Array.of(18, 1, 1) }),
      'the organisations attest different transactions',
    ],
    [
      'its transaction is of another channel',
      () => ({ channel: 'other' }),
      'the transaction is of another ledger',
    ],
    [
      'its transaction is none of this ledger',
      () => ({ command: 'bank:pay' }),
      'the transaction is none of this ledger',
    ],
    [
      'its sender did not sign it',
      ({ peers }) => ({ sentAs: peers.VendorMSP }),
      "the sender's signature does not hold",
    ],
    [
      'its sender has a certificate of nobody pinned',
      async () => ({
        sender: await (await TestAuthority.create('VendorMSP')).issue('x', 'client'),
      }),
      'a certificate of VendorMSP was not issued by a pinned root',
    ],
    [
      'an organisation that must endorse did not',
      ({ peers }) => ({ endorsedBy: [peers.VendorMSP, peers.MinistryMSP] }),
      'organisations that must endorse the transaction have not',
    ],
    [
      'a peer signed its block',
      ({ peers }) => ({ orderer: peers.AuditorMSP }),
      'a certificate of AuditorMSP has not the role orderer',
    ],
    [
      'an ordering node of nobody pinned signed its block',
      async () => ({
        orderer: await (await TestAuthority.create('AuditorMSP')).issue('o', 'orderer'),
      }),
      'a certificate of AuditorMSP was not issued by a pinned root',
    ],
    ['nobody signed its block', () => ({ signatureCount: 0 }), 'no one of the ordering service'],
    [
      'its block holds something else',
      () => ({ data: () => [Uint8Array.of(1)] }),
      'block 7 does not hold the transaction',
    ],
    [
      'its block marks it as invalid',
      () => ({ markedAs: 11 }),
      'block 7 marks the transaction as invalid',
    ],
    [
      'a block is missing between two',
      () => ({ followerAfter: (header) => ({ ...header, number: 9 }) }),
      'block 9 does not follow block 7',
    ],
  ])('where %s', async (_, changesOf, sentence) => {
    const receipt = await newTestReceipt(world, await changesOf(world));
    await expect(verify(receipt)).rejects.toThrow(sentence);
  });

  test('for whoever pins no root of an organisation', async () => {
    const { MinistryMSP, ...others } = world.roots;
    expect(MinistryMSP).toHaveLength(1);
    await expect(verifyReceipt(honest, { roots: others })).rejects.toThrow(
      'no root of the organisation MinistryMSP is pinned',
    );
  });

  test('for another ledger than the one that is asked for', async () => {
    const trust = { roots: world.roots, channel: 'other' };
    await expect(verifyReceipt(honest, trust)).rejects.toThrow('is of another ledger');
  });
});
