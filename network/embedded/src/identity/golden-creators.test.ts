import { expect, test } from '@jest/globals';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { ChannelConfig } from '../config/channel-config';
import { identitiesOf, satisfiesSignaturePolicy } from '../policy/signature-policy';
import type { SignedDatum } from '../policy/signature-policy';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import { describeWithGolden, goldenBlocks, goldenJson, goldenText } from '../test-support/golden';
import { mspConfigOf } from '../../../certificates/msp-folder';
import { MspRegistry } from './msp';

interface Expected {
  blocks: { number: number; transactions: { code: number; headerType: number; label: string }[] }[];
}

const members = ['ministry', 'vendor', 'auditor'] as const;

function registryFromFolders(): MspRegistry {
  return new MspRegistry(
    members.map((name) =>
      mspConfigOf({
        mspId: `${name.charAt(0).toUpperCase()}${name.slice(1)}MSP`,
        domain: `${name}.test`,
        caCertificatePem: goldenText('msp', `${name}.test`, 'cacerts', `ca.${name}.test-cert.pem`),
        tlsCaCertificatePem: goldenText(
          'msp',
          `${name}.test`,
          'tlscacerts',
          `tlsca.${name}.test-cert.pem`,
        ),
      }),
    ),
  );
}

/** Every recorded endorser transaction that peers found valid, with its endorsements. */
function validTransactions(): {
  creator: SignedDatum;
  endorsements: SignedDatum[];
  chaincode: string;
}[] {
  const { blocks } = goldenJson('expected-blocks.json') as Expected;
  return goldenBlocks().flatMap((block, number) =>
    block
      .getData()!
      .getDataList_asU8()
      .flatMap((bytes, index) => {
        const expected = blocks[number]!.transactions[index]!;
        return expected.code === 0 && expected.headerType === 3 ? [signatures(bytes)] : [];
      }),
  );
}

function signatures(bytes: Uint8Array): {
  creator: SignedDatum;
  endorsements: SignedDatum[];
  chaincode: string;
} {
  const envelope = common.Envelope.deserializeBinary(bytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = common.SignatureHeader.deserializeBinary(
    payload.getHeader()!.getSignatureHeader_asU8(),
  );
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const action = peer.ChaincodeActionPayload.deserializeBinary(
    transaction.getActionsList()[0]!.getPayload_asU8(),
  ).getAction()!;
  const response = action.getProposalResponsePayload_asU8();
  const result = peer.ChaincodeAction.deserializeBinary(
    peer.ProposalResponsePayload.deserializeBinary(response).getExtension_asU8(),
  );
  return {
    creator: {
      data: envelope.getPayload_asU8(),
      identity: header.getCreator_asU8(),
      signature: envelope.getSignature_asU8(),
    },
    endorsements: action.getEndorsementsList().map((one) => ({
      data: Buffer.concat([response, one.getEndorser_asU8()]),
      identity: one.getEndorser_asU8(),
      signature: one.getSignature_asU8(),
    })),
    chaincode: result.getChaincodeId()!.getName(),
  };
}

describeWithGolden('identities of a recorded ledger', () => {
  test('are valid creators under the MSP folders, and signed their transactions', () => {
    const msps = registryFromFolders();
    const transactions = validTransactions();
    expect(transactions.length).toBeGreaterThan(200);
    for (const { creator } of transactions) {
      const identity = msps.deserialize(creator.identity);
      expect(() => {
        msps.validate(identity);
      }).not.toThrow();
      expect(identity.verify(creator.data, creator.signature)).toBe(true);
    }
  });

  test('are the same under the MSPs of the genesis block', () => {
    const { msps, policies } = ChannelConfig.fromBlock(goldenBlocks()[0]!);
    for (const { creator } of validTransactions().slice(0, 40)) {
      policies.check('/Channel/Application/Writers', [creator]);
      expect(msps.deserialize(creator.identity).mspId).toMatch(/^(Ministry|Vendor|Auditor)MSP$/);
    }
  });

  test('satisfy the policy that let their transactions pass', () => {
    const { msps, policies } = ChannelConfig.fromBlock(goldenBlocks()[0]!);
    const transactions = validTransactions();
    const majority = transactions.filter(({ chaincode }) => chaincode === 'probe2');
    for (const { endorsements } of majority) {
      policies.check('/Channel/Application/Endorsement', endorsements);
    }
    const greedy = parsePolicy("AND('MinistryMSP.member','MinistryMSP.admin')");
    const ordered = transactions.filter(({ chaincode }) => chaincode === 'greedy');
    for (const { endorsements } of ordered) {
      expect(satisfiesSignaturePolicy(greedy, identitiesOf(endorsements, msps))).toBe(true);
    }
    expect([majority.length > 0, ordered.length > 0]).toEqual([true, true]);
  });

  test('of the orderer signed every block', () => {
    const { policies } = ChannelConfig.fromBlock(goldenBlocks()[0]!);
    const blocks = goldenBlocks().slice(1);
    for (const block of blocks.slice(0, 20)) {
      const metadata = common.Metadata.deserializeBinary(
        block.getMetadata()!.getMetadataList_asU8()[0]!,
      );
      const [signature] = metadata.getSignaturesList();
      const header = signature!.getSignatureHeader_asU8();
      const creator = common.SignatureHeader.deserializeBinary(header).getCreator_asU8();
      expect(msp.SerializedIdentity.deserializeBinary(creator).getMspid()).toBe('OrdererMSP');
      policies.check('/Channel/Orderer/BlockValidation', [
        {
          data: Buffer.concat([metadata.getValue_asU8(), header, headerDer(block.getHeader()!)]),
          identity: creator,
          signature: signature!.getSignature_asU8(),
        },
      ]);
    }
  });
});

/** DER of {number, previous hash, data hash} for the small numbers and 32-byte hashes used here. */
function headerDer(header: common.BlockHeader): Buffer {
  const number = header.getNumber();
  const content = Buffer.concat([
    Buffer.from([2, 1, number]),
    Buffer.from([4, 32]),
    header.getPreviousHash_asU8(),
    Buffer.from([4, 32]),
    header.getDataHash_asU8(),
  ]);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
}
