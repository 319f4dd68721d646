import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, peer } from '@hyperledger/fabric-protos';
import type { Topology } from '../../../topology';
import { readDer, readPositive, writeDer, writeUnsigned } from '../crypto/der';
import { sha256 } from '../crypto/hashes';
import type { SigningIdentity } from '../identity/signing-identity';
import { createSigningIdentity, serializeIdentity } from '../identity/signing-identity';
import { generateKey } from '../identity/key-pair';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import { RawClients, refusalOf } from './raw-clients.test-support';
import { garbledProposal, newProposal, newTransaction } from './raw-transaction.test-support';
import type { ProposalParts } from './raw-transaction.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

const UNKNOWN = 2;
const notWriters =
  'Failed evaluating policy on signed data during check policy on channel [procurement] with ' +
  'policy [/Channel/Application/Writers]: [implicit policy evaluation failed - 0 sub-policies ' +
  "were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied]";
const denied =
  'error validating proposal: access denied: channel [procurement] creator org [MinistryMSP]';
const malformed =
  'error validating proposal: access denied: channel [procurement] creator org unknown, ' +
  'creator is malformed';

/** The auditor's clients may read, but not write. */
const topology: Topology = {
  ...assetTopology,
  organizations: assetTopology.organizations.map((one) =>
    one.mspId === 'AuditorMSP' ? { ...one, policies: { writers: "OR('AuditorMSP.admin')" } } : one,
  ),
};

let clients: RawClients;
let tashi: SigningIdentity;

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology }));
  tashi = await clients.user('tashi');
});

afterAll(async () => {
  clients.close();
  await clients.network.close();
});

function echo(change: Partial<ProposalParts> = {}): peer.SignedProposal {
  return newProposal({ creator: tashi, args: ['echo', 'x'], ...change }).signed;
}

function refused(change: Partial<ProposalParts>, mspId = 'MinistryMSP') {
  return refusalOf(clients.propose(mspId, echo(change)));
}

async function answered(change: Partial<ProposalParts>) {
  return outline(await clients.propose('MinistryMSP', echo(change)));
}

function outline(answer: peer.ProposalResponse) {
  const response = answer.getResponse()!;
  return {
    status: response.getStatus(),
    message: response.getMessage(),
    payload: Buffer.from(response.getPayload_asU8()).toString(),
    endorsed: answer.hasEndorsement(),
    version: answer.getVersion(),
    hasTimestamp: answer.hasTimestamp(),
  };
}

const good = { status: 200, message: '', payload: 'x', endorsed: true, version: 1 };
const bad = { status: 500, payload: '', endorsed: false, version: 0 };

describe('an answer', () => {
  test('x11: of a success is endorsed, version 1, without a time', async () => {
    expect(await answered({})).toEqual({ ...good, hasTimestamp: false });
  });

  test('2b: of a chaincode that throws has status 500, the text and no endorsement', async () => {
    const message = 'boom';
    expect(await answered({ args: ['fail', 'boom'] })).toMatchObject({ ...bad, message });
  });

  test('4: names a function that does not exist', async () => {
    expect(await answered({ args: ['nope'] })).toMatchObject({
      ...bad,
      message: "You've asked to invoke a function that does not exist: nope",
    });
  });

  test('5c: of an unknown chaincode has status 500', async () => {
    expect(await answered({ chaincode: 'nope' })).toMatchObject({
      ...bad,
      message:
        'make sure the chaincode nope has been successfully defined on channel procurement and ' +
        'try again: chaincode nope not found',
    });
  });

  test('6c: of an unknown channel has status 500', async () => {
    const message = "channel 'nochan' not found";
    expect(await answered({ channelId: 'nochan' })).toMatchObject({ ...bad, message });
  });

  test('x7: to no arguments at all is the default function of the contract', async () => {
    expect(await answered({ args: [] })).toMatchObject({ ...good, payload: expect.any(String) });
  });
});

describe('a proposal', () => {
  test('7: with another transaction id than its nonce and creator give is refused', async () => {
    let expected = '';
    const { code, details } = await refused({
      changeChannelHeader: (header) => {
        expected = header.getTxId();
        header.setTxId('00'.repeat(31) + '01');
      },
    });
    expect(code).toBe(UNKNOWN);
    expect(details).toBe(
      `error validating proposal: incorrectly computed txid '${'00'.repeat(31)}01' -- ` +
        `expected '${expected}'`,
    );
  });

  test('8: signed over other bytes is refused', async () => {
    const sign = () => tashi.sign(Buffer.from('something else'));
    expect(await refused({ sign })).toEqual({ code: UNKNOWN, details: denied });
  });

  test('9: with a high-S signature is refused', async () => {
    const sign = (bytes: Uint8Array) => highS(tashi.sign(bytes));
    expect(await refused({ sign })).toEqual({ code: UNKNOWN, details: denied });
  });

  test.each<[string, string, (header: common.ChannelHeader) => void]>([
    [
      'x1',
      'epoch is non-zero',
      (header) => {
        header.setEpoch(7);
      },
    ],
    [
      'x5',
      'invalid header type MESSAGE',
      (header) => {
        header.setType(0);
      },
    ],
  ])('%s: is refused with "%s"', async (_, text, changeChannelHeader) => {
    expect(await refused({ changeChannelHeader })).toEqual({
      code: UNKNOWN,
      details: `error validating proposal: ${text}`,
    });
  });

  test.each<[string, string, (header: common.SignatureHeader) => void]>([
    [
      'x2',
      'nonce is empty',
      (header) => {
        header.setNonce('');
      },
    ],
    [
      'x3',
      'creator is empty',
      (header) => {
        header.setCreator('');
      },
    ],
  ])('%s: is refused with "%s"', async (_, text, changeSignatureHeader) => {
    expect(await refused({ changeSignatureHeader })).toEqual({
      code: UNKNOWN,
      details: `error validating proposal: ${text}`,
    });
  });

  test('x6: without a chaincode name is refused', async () => {
    expect(await refused({ chaincode: '' })).toEqual({
      code: UNKNOWN,
      details: 'ChaincodeHeaderExtension.ChaincodeId.Name is empty',
    });
  });

  test('x9: that is no proposal is refused', async () => {
    expect(await refusalOf(clients.propose('MinistryMSP', garbledProposal(tashi)))).toEqual({
      code: UNKNOWN,
      details:
        'failed parsing proposal: error unmarshalling Proposal: proto: cannot parse invalid ' +
        'wire-format data',
    });
  });

  test('16a: with the id of a committed transaction is refused', async () => {
    const proposal = newProposal({ creator: tashi, args: ['put', 'once', '1'] });
    const responses = await clients.responses(proposal, ['AuditorMSP', 'MinistryMSP']);
    expect(await clients.codesOf(clients.assemble(proposal, responses))).toEqual([0]);
    expect(await refusalOf(clients.propose('MinistryMSP', proposal.signed))).toEqual({
      code: UNKNOWN,
      details:
        `duplicate transaction found [${proposal.txId}]. ` +
        `Creator [${tashi.serialized.toString('hex')}]`,
    });
  });

  test('of header type CONFIG is endorsed', async () => {
    const changeChannelHeader = (header: common.ChannelHeader) => {
      header.setType(1);
    };
    expect(await answered({ changeChannelHeader })).toMatchObject(good);
  });
});

describe('the time of a proposal', () => {
  test('x21: reaches the chaincode to the nanosecond, with the binding of the proposal', async () => {
    const seconds = Math.floor(Date.now() / 1000) - 60;
    let epoch: Uint8Array = Buffer.alloc(8);
    const time = new Timestamp();
    time.setSeconds(seconds);
    time.setNanos(789_000_000);
    const nonce = randomBytes(24);
    const txId = sha256(nonce, tashi.serialized).toString('hex');
    const answer = await answered({
      args: ['transaction'],
      changeChannelHeader: (header) => {
        header.setTimestamp(time);
        header.setTxId(txId);
        epoch = Buffer.alloc(8, header.getEpoch());
      },
      changeSignatureHeader: (header) => {
        header.setNonce(nonce);
      },
    });
    expect(JSON.parse(answer.payload)).toEqual({
      txId,
      channel: 'procurement',
      seconds,
      nanos: 789_000_000,
      binding: sha256(nonce, tashi.serialized, epoch).toString('hex'),
    });
  });
});

describe('a creator', () => {
  test('10: of an unknown MSP is refused', async () => {
    const { certificatePem } = tashi;
    const sign = (bytes: Uint8Array) => tashi.sign(bytes);
    const serialized = serializeIdentity({ mspId: 'NoMSP', certificatePem });
    const creator = { mspId: 'NoMSP', certificatePem, serialized, sign };
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details: malformed });
  });

  test('10b: with an undecodable certificate is refused', async () => {
    const certificatePem = 'no certificate';
    const serialized = serializeIdentity({ mspId: 'MinistryMSP', certificatePem });
    const creator = { ...tashi, certificatePem, serialized };
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details: malformed });
  });

  test('10c, 11: with a certificate of another CA than its MSP has is refused', async () => {
    const vendor = await clients.user('vendor-1');
    const { certificatePem } = vendor;
    const sign = (bytes: Uint8Array) => vendor.sign(bytes);
    const serialized = serializeIdentity({ mspId: 'MinistryMSP', certificatePem });
    const creator = { mspId: 'MinistryMSP', certificatePem, serialized, sign };
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details: malformed });
  });

  test('whose key is not that of the certificate is refused', async () => {
    const { privateKey } = generateKey();
    const { mspId, certificatePem } = tashi;
    const creator = createSigningIdentity({ mspId, certificatePem, privateKey });
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details: denied });
  });

  test('12a: whose certificate has expired is refused', async () => {
    const creator = await clients.expiredIdentity('MinistryMSP');
    const details = 'proposal client identity expired';
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details });
  });

  test('12e: whose certificate is not valid yet is endorsed', async () => {
    const notBefore = new Date(Date.now() + 3_600_000);
    const creator = await clients.oddIdentity('MinistryMSP', { notBefore });
    expect(await answered({ creator })).toMatchObject(good);
  });

  test('12f: whose certificate is older than its CA is refused', async () => {
    const notBefore = new Date(Date.now() - 30 * 24 * 3_600_000);
    const creator = await clients.oddIdentity('MinistryMSP', { notBefore });
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details: malformed });
  });

  test('13: with two roles is refused', async () => {
    const creator = await clients.oddIdentity('MinistryMSP', { units: ['client', 'admin'] });
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details: denied });
  });

  test('14a: that is a peer may not propose', async () => {
    const creator = clients.peer('MinistryMSP');
    expect(await refused({ creator })).toEqual({ code: UNKNOWN, details: notWriters });
  });

  test('14c: that is an administrator may', async () => {
    expect(await answered({ creator: await clients.user('boss') })).toMatchObject(good);
  });

  test('14d: that is a peer may ask qscc, since readers may', async () => {
    const creator = clients.peer('MinistryMSP');
    const args = ['GetChainInfo', 'procurement'];
    expect(await answered({ creator, chaincode: 'qscc', args })).toMatchObject({ status: 200 });
  });

  test('15: outside the writers may not propose or submit, but may listen', async () => {
    const creator = await clients.user('auditor');
    expect(await refused({ creator }, 'AuditorMSP')).toEqual({
      code: UNKNOWN,
      details: notWriters,
    });
    const seek = { signer: creator, start: 0, stop: 0 };
    expect(await clients.delivered(seek, 'AuditorMSP')).toEqual(['block 0', 'SUCCESS']);
    const proposal = newProposal({ creator, args: ['echo', 'x'] });
    const envelope = newTransaction({ proposal, payload: Buffer.of(), endorsements: [] });
    expect(await clients.broadcast(envelope)).toEqual([
      {
        status: 403,
        info:
          'implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy ' +
          "requires 1 of the 'Writers' sub-policies to be satisfied: permission denied",
      },
    ]);
  });
});

/** The same signature with s in the upper half of the order. */
function highS(signature: Uint8Array): Buffer {
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const { content } = readDer(signature)!;
  const first = readDer(content)!;
  const s = BigInt(`0x${readPositive(readDer(content, first.end))!.toString('hex')}`);
  const high = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
  return writeDer(0x30, Buffer.concat([writeUnsigned(readPositive(first)!), writeUnsigned(high)]));
}
