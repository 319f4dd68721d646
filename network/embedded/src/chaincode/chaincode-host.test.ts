import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common, peer } from '@hyperledger/fabric-protos';
import { freePort } from '../../../machine/free-port';
import { CertificateAuthority } from '../../../certificates/certificate-authority';
import { serializeIdentity } from '../../../certificates/signing-identity';
import { blockDataHash, blockHeaderHash } from '../state/block-hashes';
import { Ledger } from '../state/ledger';
import { LIFECYCLE, sequenceKey } from '../state/lifecycle-keys';
import { decodeRwset, type NamespaceRwset } from '../state/rwset';
import { TxSimulator } from '../state/simulator';
import { chaincodeCalls } from './chaincode-call';
import type { CalledChaincode } from './chaincode-call';
import { ChaincodeHost, type ChaincodeOutcome } from './chaincode-host';
import {
  startChaincodeProcess,
  type ChaincodeProcess,
} from '../../../chaincode-service/chaincode-process';

const PACKAGE_ID = 'asset:0000';
const CHANNEL = 'trade';
const fixture = resolve(__dirname, '../../fixtures/asset');

let folder: string;
let creator: Buffer;
let ledger: Ledger;
let port: number;
let running: ChaincodeProcess;
let host: ChaincodeHost;
let otherProcess: ChaincodeProcess;
let otherHost: ChaincodeHost;
let transactions = 0;

function start(at: { packageId: string; port: number }): ChaincodeProcess {
  return startChaincodeProcess({
    folder: fixture,
    ...at,
    mspId: 'AuditorMSP',
    env: { CORE_CHAINCODE_LOGGING_SHIM: 'ERROR' },
  });
}

function firstSequence(): Uint8Array {
  const data = new peer.lifecycle.StateData();
  data.setInt64(1);
  return data.serializeBinary();
}

/** Puts rows into the state of `asset` and defines two chaincodes, without any transaction. */
async function seed(rows: ReadonlyMap<string, string>): Promise<void> {
  const number = ledger.height;
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(ledger.lastBlockHash);
  header.setDataHash(blockDataHash([]));
  const block = new common.Block();
  block.setHeader(header);
  block.setData(new common.BlockData());
  const version = { blockNumber: number, txNumber: 0 };
  await ledger.commit({
    block,
    bytes: Buffer.from(block.serializeBinary()),
    number,
    headerHash: blockHeaderHash({
      number,
      previousHash: ledger.lastBlockHash,
      dataHash: blockDataHash([]),
    }),
    commitHash: Buffer.of(),
    txIds: [],
    codes: [],
    updates: [
      ...[...rows].map(([key, value]) => ({
        namespace: 'asset',
        key,
        entry: { value: Buffer.from(value), version, metadata: Buffer.of() },
      })),
      ...['asset', 'other'].map((name) => ({
        namespace: LIFECYCLE,
        key: sequenceKey(name),
        entry: { value: firstSequence(), version, metadata: Buffer.of() },
      })),
    ],
    history: [],
  });
}

interface Run {
  outcome: ChaincodeOutcome;
  text: string;
  rwset: NamespaceRwset[];
}

function chaincodeInput(args: readonly string[]): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => Buffer.from(arg)));
  return input.serializeBinary();
}

/** A proposal with as much in it as the shim asks for. */
function signedProposal(txId: string): peer.SignedProposal {
  const channel = new common.ChannelHeader();
  channel.setChannelId(CHANNEL);
  channel.setTxId(txId);
  const signer = new common.SignatureHeader();
  signer.setCreator(creator);
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  header.setSignatureHeader(signer.serializeBinary());
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  const content = new peer.ChaincodeProposalPayload();
  content.setInput(chaincodeInput(['anything']));
  proposal.setPayload(content.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.serializeBinary());
  return signed;
}

async function makeCreator(): Promise<Buffer> {
  const authority = await CertificateAuthority.create({
    kind: 'ca',
    domain: 'auditor.test',
    organizationFolder: folder,
  });
  const { certificatePem } = await authority.enrol({ name: 'u1', role: 'client' });
  return serializeIdentity({ mspId: 'VendorMSP', certificatePem });
}

async function run(args: readonly string[], timeoutMs = 10_000): Promise<Run> {
  const txId = `tx${String((transactions += 1))}`;
  const simulator = new TxSimulator({ snapshot: ledger.snapshot(), channelId: CHANNEL, txId });
  try {
    const outcome = await host.invoke({
      channelId: CHANNEL,
      txId,
      definition: { name: 'asset', version: '1', initRequired: false },
      input: chaincodeInput(args),
      signedProposal: signedProposal(txId),
      simulator,
      timeoutMs,
    });
    const text = Buffer.from(outcome.response.getPayload_asU8()).toString('utf8');
    return { outcome, text, rwset: decodeRwset(simulator.results().rwset) };
  } finally {
    await simulator.done();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaincode-host-'));
  ledger = await Ledger.open(join(folder, 'ledger'));
  creator = await makeCreator();
  port = await freePort();
  const otherPort = await freePort();
  running = start({ packageId: PACKAGE_ID, port });
  otherProcess = start({ packageId: 'other:0000', port: otherPort });
  otherHost = new ChaincodeHost({
    packageId: 'other:0000',
    address: `127.0.0.1:${String(otherPort)}`,
  });
  const hosts = new Map<string, CalledChaincode>();
  const calls = chaincodeCalls({
    find: (_channelId, name) => {
      const found = hosts.get(name);
      if (!found) throw new Error(`chaincode ${name} not found`);
      return found;
    },
    simulator: () => undefined,
    authorize: () => undefined,
  });
  host = new ChaincodeHost({ packageId: PACKAGE_ID, address: `127.0.0.1:${String(port)}`, calls });
  const definition = { version: '1', initRequired: false };
  hosts.set('asset', { definition: { ...definition, name: 'asset' }, host });
  hosts.set('other', { definition: { ...definition, name: 'other' }, host: otherHost });
  await Promise.all([host.ready(20_000), otherHost.ready(20_000)]);
  const rows = new Map([
    ['n', '41'],
    ['greeting', 'hello'],
  ]);
  for (let at = 0; at < 250; at++) rows.set(`r${String(at).padStart(3, '0')}`, 'v');
  await seed(rows);
}, 30_000);

afterAll(async () => {
  await Promise.all([host.close(), otherHost.close()]);
  await Promise.all([running.stop(), otherProcess.stop()]);
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a stock chaincode process', () => {
  test('gets a range of 250 rows in three messages', async () => {
    const { text, rwset } = await run(['range', 'r', 's']);
    expect(JSON.parse(text)).toHaveLength(250);
    expect(rwset[0]?.ranges).toMatchObject([
      { startKey: 'r', endKey: 's', exhausted: true, merkle: { maxDegree: 50, maxLevel: 1 } },
    ]);
  });

  test('leaves a scan unfinished at the row after the first message', async () => {
    const { rwset } = await run(['rangeFirst', 'r', 's', '2', 'other']);
    expect(rwset[0]?.ranges).toMatchObject([{ startKey: 'r', endKey: 'r100', exhausted: false }]);
  });

  test('knows the organization of its peer and the caller', async () => {
    const { id, mspId } = JSON.parse((await run(['whoami'])).text) as Record<string, string>;
    expect(mspId).toBe('AuditorMSP');
    expect(id).toMatch(/^x509::.*CN=u1::/);
  });

  test('executes many transactions on one stream at a time', async () => {
    const runs = await Promise.all(Array.from({ length: 100 }, () => run(['bump', 'n'])));
    expect(runs.every(({ text }) => text === '42')).toBe(true);
  });

  test('is given up after the timeout', async () => {
    await expect(run(['hang'], 50)).rejects.toThrow(
      /^failed to execute transaction tx\d+: error sending: timeout expired while executing transaction$/,
    );
  });

  test('fails what is in flight when it dies, and is dialled again when it is back', async () => {
    const waiting = run(['hang']);
    const dying = run(['die']);
    const text =
      /^failed to execute transaction tx\d+: error sending: chaincode stream terminated$/;
    await expect(dying).rejects.toThrow(text);
    await expect(waiting).rejects.toThrow(text);
    await expect(running.exited).resolves.toBe(7);
    running = start({ packageId: PACKAGE_ID, port });
    await host.ready(20_000);
    expect((await run(['get', 'greeting'])).text).toBe('hello');
  }, 30_000);

  test('is refused when it registers as another package', async () => {
    const address = `127.0.0.1:${String(port)}`;
    const stranger = new ChaincodeHost({ packageId: 'asset:ffff', address });
    await expect(stranger.ready()).rejects.toThrow('the process registered as asset:0000');
    await stranger.close();
  });
});
