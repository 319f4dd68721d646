import { Client, credentials, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { createOrLoadCrypto } from '../../../certificates/crypto-store';
import type { NodeCrypto } from '../../../certificates/crypto-store';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import type { TestNetwork } from '../test-network';

// Nodes take messages of up to 100 MB (Fabric: comm.DefaultMaxRecvMsgSize).

const maxBytes = 100 * 1024 * 1024;

let running: TestNetwork;
let peerClient: Client;
let ordererClient: Client;

beforeAll(async () => {
  running = await startAssetNetwork();
  const { folder, network } = running;
  const crypto = await createOrLoadCrypto({ topology: network.topology, folder });
  const { orderer: ordering, peers } = network.endpoints;
  peerClient = clientOf(crypto.peer('MinistryMSP'), peers.get('MinistryMSP')!.port);
  ordererClient = clientOf(crypto.orderer, ordering.port);
}, 60_000);

afterAll(async () => {
  peerClient.close();
  ordererClient.close();
  await running.close();
});

function clientOf({ host, tls }: NodeCrypto, port: number): Client {
  const secure = credentials.createSsl(Buffer.from(tls.rootCertificatePem));
  return new Client(`127.0.0.1:${String(port)}`, secure, {
    'grpc.ssl_target_name_override': host,
    'grpc.max_send_message_length': -1,
  });
}

const same = (bytes: Buffer): Buffer => bytes;

/** How a peer ends a proposal of so many bytes. */
function propose(bytes: number): Promise<ServiceError | null> {
  const signed = new peer.SignedProposal();
  const message = padded(bytes, (padding) => {
    signed.setProposalBytes(padding);
    return signed.serializeBinary();
  });
  const path = '/protos.Endorser/ProcessProposal';
  return new Promise((resolve) => {
    const call = peerClient.makeUnaryRequest(path, same, same, message, (error) => {
      // What of the message is still to be sent would keep the connection open.
      call.cancel();
      resolve(error);
    });
  });
}

interface Broadcast {
  readonly code: status;
  readonly details: string;
  readonly answers: readonly (readonly [status: number, info: string])[];
}

/** What an ordering node says to an envelope of so many bytes. */
function broadcast(bytes: number): Promise<Broadcast> {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setChannelId(assetTopology.channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(new common.SignatureHeader().serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  const message = padded(bytes, (padding) => {
    payload.setData(padding);
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    return envelope.serializeBinary();
  });
  const path = '/orderer.AtomicBroadcast/Broadcast';
  const stream = ordererClient.makeBidiStreamRequest(path, same, same);
  const answers: [number, string][] = [];
  stream.on('data', (one: Buffer) => {
    const answer = orderer.BroadcastResponse.deserializeBinary(one);
    answers.push([answer.getStatus(), answer.getInfo()]);
    stream.end();
  });
  stream.on('error', () => undefined);
  stream.write(message);
  return new Promise((resolve) => {
    stream.on('status', ({ code, details }: { code: status; details: string }) => {
      stream.cancel();
      resolve({ code, details, answers });
    });
  });
}

/** A message that is exactly so long, by the length of what fills it. */
function padded(bytes: number, make: (padding: Uint8Array) => Uint8Array): Buffer {
  const overhead = make(Buffer.alloc(bytes)).length - bytes;
  const message = Buffer.from(make(Buffer.alloc(bytes - overhead)));
  expect(message).toHaveLength(bytes);
  return message;
}

describe('a message of 100 MB', () => {
  test('is read by a peer', async () => {
    expect(await propose(maxBytes)).toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringContaining('error unmarshalling Proposal'),
    });
  });

  test('is read by an ordering node, and too large to be ordered', async () => {
    const { code, answers } = await broadcast(maxBytes);
    expect(code).toBe(status.OK);
    expect(answers).toEqual([
      [
        common.Status.BAD_REQUEST,
        expect.stringMatching(
          /^message payload is \d+ bytes and exceeds maximum allowed 1048576 bytes$/,
        ),
      ],
    ]);
  });
});

describe('a message of a byte more', () => {
  const tooLarge = {
    code: status.RESOURCE_EXHAUSTED,
    details: expect.stringMatching(/eceived message larger than max \(104857601 vs\.? 104857600\)/),
  };

  test('is refused by a peer, which goes on', async () => {
    expect(await propose(maxBytes + 1)).toMatchObject(tooLarge);
    expect(await propose(100)).toMatchObject({ code: status.UNKNOWN });
  });

  test('is refused by an ordering node, which goes on', async () => {
    expect(await broadcast(maxBytes + 1)).toMatchObject({ ...tooLarge, answers: [] });
    expect((await broadcast(1000)).answers).toHaveLength(1);
  });
});
