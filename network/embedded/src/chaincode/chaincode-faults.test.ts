import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import {
  RogueChaincode,
  completed,
  messageFor,
  type RogueScript,
} from '../fuzz/rogue-chaincode.test-support';
import { Ledger } from '../state/ledger';
import { TxSimulator } from '../state/simulator';
import { freePort } from '../../../machine/free-port';
import { ChaincodeHost } from './chaincode-host';

// What a peer makes of a chaincode that does not keep to the protocol
// (Fabric: core/chaincode/handler.go).

const packageId = 'rogue:0000';
const channelId = 'test';
const executeTimeoutMs = 300;
const TYPE = peer.ChaincodeMessage.Type;
const terminated =
  /^failed to execute transaction tx\d+: error sending: chaincode stream terminated$/;

let folder: string;
let ledger: Ledger;
let rogue: RogueChaincode;
let host: ChaincodeHost;
let transactions = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaincode-faults-'));
  ledger = await Ledger.open(join(folder, 'ledger'));
  const port = await freePort();
  rogue = await RogueChaincode.listen(port, packageId);
  host = new ChaincodeHost({ packageId, address: `127.0.0.1:${String(port)}`, executeTimeoutMs });
  await host.ready(20_000);
});

afterAll(async () => {
  await host.close();
  rogue.close();
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

/** Payload of the response, or the text of the failure. */
async function run(script: RogueScript): Promise<string> {
  const txId = `tx${String((transactions += 1))}`;
  rogue.scripts.set(txId, script);
  const simulator = new TxSimulator({ snapshot: ledger.snapshot(), channelId, txId });
  try {
    const { response } = await host.invoke({
      ...{ channelId, txId, simulator },
      definition: { name: 'rogue', version: '1', initRequired: false },
      input: new peer.ChaincodeInput().serializeBinary(),
      signedProposal: new peer.SignedProposal(),
    });
    return Buffer.from(response.getPayload_asU8()).toString();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await simulator.done();
  }
}

function getState(transaction: peer.ChaincodeMessage): Buffer {
  const request = new peer.GetState();
  request.setKey('k');
  return messageFor(transaction, TYPE.GET_STATE, request.serializeBinary());
}

describe('a chaincode', () => {
  test('that does not answer is given up after the time for an execution', async () => {
    expect(await run(() => [])).toMatch(
      /^failed to execute transaction tx\d+: error sending: timeout expired while executing transaction$/,
    );
  });

  test('that answers after it was given up changes nothing for the next transaction', async () => {
    const late = await lateAnswer();
    expect(late).toMatch(/timeout expired/);
    expect(await run((one) => [completed(one, 'fresh')])).toBe('fresh');
  });

  test('that answers twice is taken at its first word', async () => {
    expect(await run((one) => [completed(one, 'first'), completed(one, 'second')])).toBe('first');
    expect(await run((one) => [completed(one, 'next')])).toBe('next');
  });

  test('that goes on asking after its answer is refused without harm', async () => {
    expect(await run((one) => [completed(one, 'done'), getState(one), getState(one)])).toBe('done');
    expect(await run((one) => [completed(one, 'next')])).toBe('next');
  });

  test('that asks for a transaction of somebody else gets an error, and its own goes on', async () => {
    const stranger = new peer.ChaincodeMessage();
    stranger.setTxid('of somebody else');
    stranger.setChannelId(channelId);
    expect(await run((one) => [getState(stranger), completed(one, 'done')])).toBe('done');
  });

  test('whose answer cannot be read fails its transaction alone', async () => {
    const garbled: RogueScript = (one) => [messageFor(one, TYPE.COMPLETED, Buffer.of(0xff))];
    const [failed, good] = await Promise.all([run(garbled), run((one) => [completed(one)])]);
    expect(failed).toContain('cannot parse invalid wire-format data');
    expect(good).toBe('done');
  });

  test.each([
    ['an unknown type', (one: peer.ChaincodeMessage) => messageFor(one, 77)],
    ['a type that only peers send', (one: peer.ChaincodeMessage) => messageFor(one, TYPE.READY)],
    ['what is no message', () => Buffer.of(0xff, 0xff, 0xff)],
  ])('that sends %s is cut off with all it does, and dialled again', async (_what, message) => {
    const before = rogue.registrations;
    const waiting = run(() => []);
    expect(await run((one) => [message(one)])).toMatch(terminated);
    expect(await waiting).toMatch(terminated);
    expect(await run((one) => [completed(one, 'again')])).toBe('again');
    expect(rogue.registrations).toBe(before + 1);
  });

  test('that crashes in the middle of transactions fails them, and is dialled again', async () => {
    const both = [run(() => []), run(() => crashed())];
    for (const text of await Promise.all(both)) expect(text).toMatch(terminated);
    expect(await run((one) => [completed(one, 'back')])).toBe('back');
  });
});

function crashed(): Buffer[] {
  rogue.crash();
  return [];
}

/** A transaction that is answered once the next one comes. */
async function lateAnswer(): Promise<string> {
  let forgotten: peer.ChaincodeMessage | undefined;
  const text = await run((one) => {
    forgotten = one;
    return [];
  });
  const late = forgotten;
  if (!late) throw new Error('the chaincode was not asked');
  expect(await run((one) => [completed(late, 'late'), completed(one, 'own')])).toBe('own');
  return text;
}
