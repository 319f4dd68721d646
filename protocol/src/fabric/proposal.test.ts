import { randomBytes } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { connect, hash } from '@hyperledger/fabric-gateway';
import { ChannelHeader, Header } from '@hyperledger/fabric-protos/lib/common/common_pb';
import { Proposal } from '@hyperledger/fabric-protos/lib/peer/proposal_pb';
import { buildProposal, FabricMessageError, type ProposalContent, readProposal } from './index';

const creator = { mspId: 'VendorMSP', certificate: 'a certificate' };
const content: ProposalContent = {
  channel: 'procurement',
  chaincode: 'procurement',
  transaction: 'bid:submit',
  args: ['{"text":"ད་ལྟ"}', ''],
  creator,
  nonce: randomBytes(24),
  atMs: 1_764_064_800_123,
};

describe('a proposal', () => {
  test('has the bytes that the client library of Fabric builds', async () => {
    const client = new Client('127.0.0.1:1', credentials.createInsecure());
    const gateway = connect({
      client,
      identity: { mspId: creator.mspId, credentials: Buffer.from(creator.certificate) },
      hash: hash.none,
    });
    const built = gateway
      .getNetwork('procurement')
      .getContract('procurement')
      .newProposal('bid:submit', { arguments: [...content.args] });
    const bytes = built.getDigest();
    const read = await readProposal(bytes);
    expect(read).toMatchObject({ ...content, nonce: read.nonce, atMs: read.atMs });
    expect(read.transactionId).toBe(built.getTransactionId());
    const again = await buildProposal({ ...content, nonce: read.nonce, atMs: read.atMs });
    expect(Buffer.from(again.bytes).equals(bytes)).toBe(true);
    gateway.close();
    client.close();
  });

  test('reads as what it was built of', async () => {
    const built = await buildProposal(content);
    expect(await readProposal(built.bytes)).toMatchObject({ ...content, ...built });
  });

  test.each<[string, (header: ChannelHeader) => void]>([
    [
      'another type',
      (header) => {
        header.setType(1);
      },
    ],
    [
      'an epoch',
      (header) => {
        header.setEpoch(1);
      },
    ],
    [
      'another transaction id',
      (header) => {
        header.setTxId('00');
      },
    ],
    [
      'a hash of a TLS certificate',
      (header) => {
        header.setTlsCertHash(Uint8Array.of(1));
      },
    ],
    [
      'no time',
      (header) => {
        header.clearTimestamp();
      },
    ],
  ])('with %s is refused', async (_, change) => {
    const proposal = Proposal.deserializeBinary((await buildProposal(content)).bytes);
    const header = Header.deserializeBinary(proposal.getHeader_asU8());
    const channel = ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    change(channel);
    header.setChannelHeader(channel.serializeBinary());
    proposal.setHeader(header.serializeBinary());
    await expect(readProposal(proposal.serializeBinary())).rejects.toThrow(FabricMessageError);
  });

  test.each([
    ['a short nonce', { nonce: new Uint8Array(23) }],
    ['more bytes than are read', { args: ['x'.repeat(600_000)] }],
  ])('with %s is refused', async (_, changes) => {
    const { bytes } = await buildProposal({ ...content, ...changes });
    await expect(readProposal(bytes)).rejects.toThrow(FabricMessageError);
  });

  test('with a field that nobody knows is refused', async () => {
    const { bytes } = await buildProposal(content);
    const unknown = Uint8Array.from([...bytes, 0xf8, 0x07, 0x01]);
    await expect(readProposal(unknown)).rejects.toThrow(FabricMessageError);
  });
});
