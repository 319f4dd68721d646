import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { issueCertificate } from '@procurement/chaincode/test-support/certificate';
import type { Person } from '@procurement/chaincode/test-support/ledger';
import { encodeCanonical } from '@procurement/protocol';
import {
  superviseChaincode,
  type SupervisedChaincode,
} from '@procurement/tools/start/chaincode-supervisor';
import { type LogFile, openLog } from '@procurement/tools/start/log-file';
import { freePorts } from '@procurement/tools/start/ports';
import { projectRoot } from '@procurement/tools/start/project-root';
import { PeerInHand, type PeerOutcome } from './support/peer-in-hand';

const packageId = 'faulty:0000';
const secret = 'a secret of the call';
const { pem, spkiDer } = issueCertificate('auditor', { role: 'auditor' });
const auditor: Person = { mspId: 'AuditorMSP', certificatePem: pem, spki: spkiDer.toString('hex') };

let folder: string;
let log: LogFile;
let chaincode: SupervisedChaincode;
let peer: PeerInHand;
/** Hears the next sentence of the supervisor. */
let hear: (sentence: string) => void = () => undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faults-'));
  log = openLog(folder, 'chaincode');
  const [port = 0] = await freePorts(1);
  chaincode = superviseChaincode({
    process: {
      folder: join(projectRoot, 'test', 'fixtures', 'faulty'),
      ...{ packageId, mspId: 'AuditorMSP', port },
    },
    log,
    notice: (sentence) => {
      hear(sentence);
    },
  });
  await chaincode.listening;
  peer = await PeerInHand.open();
  await peer.addLedger('empty', []);
  await peer.dial(packageId, port);
}, 120_000);

afterAll(async () => {
  await peer.close();
  await chaincode.stop();
  rmSync(folder, { recursive: true, force: true });
});

function register(requestId: string): Promise<PeerOutcome> {
  const input = Buffer.from(encodeCanonical({ requestId, name: 'A person' }));
  const args = [Buffer.from('key:register'), input];
  return peer.call(packageId, { on: 'empty', person: auditor, args });
}

/** The first answer of a process that may still be starting. */
async function answered(requestId: string): Promise<PeerOutcome> {
  for (;;) {
    const outcome = await register(requestId).catch(() => undefined);
    if (outcome !== undefined) return outcome;
  }
}

describe('code that goes on after the answer and fails', () => {
  test.each([
    ['late-throw', 'uncaught exception: RangeError'],
    ['unawaited-rejection', 'unhandled rejection: RangeError'],
  ])('(%s) ends the process, which is started again and works', async (fault, said) => {
    const before = chaincode.pid;
    const restarted = new Promise<string>((resolve) => (hear = resolve));
    // The answer may be lost with the process: nothing depends on it.
    await register(fault).catch(() => undefined);
    expect(await restarted).toMatch(/^The chaincode of AuditorMSP ended \(exit code 70\)/);

    const { status, answer } = await answered('honest');
    expect({ status, ...(JSON.parse(answer) as { repeated: boolean }) }).toMatchObject({
      ...{ status: 200, repeated: false },
    });
    expect(chaincode.pid).not.toBe(before);
    const text = readFileSync(log.path, 'utf8');
    expect(text).toContain(said);
    expect(text).not.toContain(secret);
  });
});
