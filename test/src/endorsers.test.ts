/** Endorsers that one organisation runs differently, or that somebody else comes near. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EndorseDiverged, EndorseRefused, EvaluateRefused } from '@procurement/gateway';
import { startChaincodeProcess } from '@procurement/network';
import { encodeCanonical, parseReject } from '@procurement/protocol';
import { readTransaction } from '@procurement/protocol/fabric';
import { freePorts, isServed } from '@procurement/tools/start/ports';
import { projectRoot } from '@procurement/tools/start/project-root';
import {
  type ChaincodeNetwork,
  startChaincodeNetwork,
  tlsRootOf,
} from './support/chaincode-network';
import { DirectLedger } from './support/direct-ledger';

const product = join(projectRoot, 'chaincode', 'dist', 'package');
const proxy = join(projectRoot, 'test', 'fixtures', 'proxy');
/** What one organisation adds to the code that all have agreed on. */
const ALTERATION = `
const { ChaincodeStub } = require('fabric-shim');
const put = ChaincodeStub.prototype.putState;
ChaincodeStub.prototype.putState = function (key, value) {
  const text = Buffer.from(value).toString().replace('A person', 'A friend');
  return put.call(this, key, Buffer.from(text));
};
`;
const vendor = { requestId: 'r-1', vendorId: 'vendor-1', name: 'Vendor One', licence: 'L-1' };
const registration = { requestId: 'r-1', name: 'A person' };

/** What `sha256sum` says of a package's files. */
function sumsOf(place: string): string {
  return ['index.js', 'package.json']
    .map((name) => {
      const sum = createHash('sha256').update(readFileSync(join(place, name)));
      return `${sum.digest('hex')}  ${name}\n`;
    })
    .join('');
}

let folder: string;
let altered: string;
let network: ChaincodeNetwork;
let direct: DirectLedger;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'endorsers-'));
  altered = join(folder, 'altered');
  cpSync(product, altered, { recursive: true });
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  appendFileSync(join(altered, 'index.js'), ALTERATION);
  network = await startChaincodeNetwork({
    folder: join(folder, 'data'),
    chaincodes: ['procurement', 'proxy'],
    packageOf: ({ chaincode, mspId }) => {
      if (chaincode === 'proxy') return proxy;
      return mspId === 'MinistryMSP' ? altered : product;
    },
  });
  direct = await DirectLedger.connect(join(folder, 'data'));
}, 120_000);

afterAll(async () => {
  await direct.close();
  await network.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What something is rejected with. */
function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a chaincode that calls ours in the name of its caller', () => {
  test.each([
    ['a command', 'vendor:register', vendor],
    ['a query', 'vendor:me', {}],
  ])('gets %s refused: what was signed names another chaincode', async (_, transaction, input) => {
    const args = ['procurement', transaction, encodeCanonical(input)];
    const call = { chaincode: 'proxy', transaction: 'proxy:pass', args };
    const height = await direct.height();
    const endorsing: unknown = await caught(direct.propose('vendor-1', call));
    expect(endorsing).toBeInstanceOf(EndorseRefused);
    expect(parseReject((endorsing as EndorseRefused).text)).toMatchObject({
      ...{ code: 'FOREIGN_CALL', args: { chaincode: 'proxy' } },
    });
    const asking: unknown = await caught(direct.ask('vendor-1', call));
    expect(asking).toBeInstanceOf(EvaluateRefused);
    expect(parseReject((asking as EvaluateRefused).text)?.code).toBe('FOREIGN_CALL');
    expect(await direct.height()).toBe(height);
  });

  test('is the only thing in the way: the same call by itself is endorsed', async () => {
    const command = { person: 'vendor-1', name: 'vendor:register', input: vendor } as const;
    const status = await direct.commit('vendor-1', await direct.endorse(command));
    expect(status.code).toBe(0);
  });
});

describe('an organisation that runs an altered chaincode', () => {
  test('stands alone: what it endorses becomes no transaction', async () => {
    const height = await direct.height();
    const command = { person: 'tashi', name: 'key:register', input: registration } as const;
    await expect(direct.endorse(command)).rejects.toBeInstanceOf(EndorseDiverged);
    await expect(direct.endorse(command)).rejects.toMatchObject({
      details: expect.arrayContaining([
        expect.objectContaining({
          ...{ mspId: 'AuditorMSP', message: 'ProposalResponsePayloads do not match' },
        }),
      ]),
    });
    expect(await direct.height()).toBe(height);
  });

  test('holds up nobody else: the auditor and the third organisation agree', async () => {
    const command = { person: 'auditor', name: 'key:register', input: registration } as const;
    const endorsement = await direct.endorse(command);
    const { endorsements } = await readTransaction(endorsement.payload);
    const by = endorsements.map(({ endorser }) => endorser.mspId);
    expect(by.sort()).toEqual(['AuditorMSP', 'VendorMSP']);
    expect((await direct.commit('auditor', endorsement)).code).toBe(0);
  });

  test('is told from the others by the sums that every build of the source gives', () => {
    const published = readFileSync(`${product}.sha256`, 'utf8');
    const again = join(folder, 'again');
    const build = join(projectRoot, 'chaincode', 'bundle.cjs');
    execFileSync(process.execPath, [build, again]);
    expect(readFileSync(`${again}.sha256`, 'utf8')).toBe(published);
    expect(sumsOf(product)).toBe(published);
    expect(sumsOf(altered)).not.toBe(published);
  });
});

describe("the port of a chaincode's process", () => {
  /** The three words after which the shim ends a process: registered, ready, and one too many. */
  const deadly = [
    peer.ChaincodeMessage.Type.REGISTERED,
    peer.ChaincodeMessage.Type.READY,
    peer.ChaincodeMessage.Type.KEEPALIVE,
  ];

  /** Talks to a process as a peer does. @returns the status with which the stream ended */
  async function talk(client: Client): Promise<number> {
    const stream = client.makeBidiStreamRequest(
      '/protos.Chaincode/Connect',
      (message: peer.ChaincodeMessage) => Buffer.from(message.serializeBinary()),
      (bytes: Buffer) => bytes,
    );
    stream.resume();
    for (const type of deadly) {
      const message = new peer.ChaincodeMessage();
      message.setType(type);
      stream.write(message);
    }
    const ended = await caught(once(stream, 'end', { signal: AbortSignal.timeout(20_000) }));
    client.close();
    return (ended as ServiceError).code;
  }

  test('takes type 18 from anybody where it asks for no certificate, and is gone', async () => {
    const [port = 0] = await freePorts(1);
    const open = startChaincodeProcess({
      ...{ folder: product, packageId: 'open:0000', mspId: 'AuditorMSP', port },
    });
    await isServed({ port, signal: AbortSignal.timeout(30_000) });
    const ended = await talk(new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure()));
    expect([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL]).toContain(ended);
    expect(await open.exited).toBe(1);
  });

  test('takes nothing from whoever has no certificate, and goes on', async () => {
    const service = network.process('procurement', 'AuditorMSP');
    let hasEnded = false;
    void service.exited.then(() => {
      hasEnded = true;
    });
    const address = `localhost:${String(service.port)}`;
    const trusting = credentials.createSsl(tlsRootOf(service));
    expect(await talk(new Client(address, trusting))).toBe(status.UNAVAILABLE);
    expect(await talk(new Client(address, credentials.createInsecure()))).toBe(status.UNAVAILABLE);

    const who = { transaction: 'audit:whoami', args: ['{}'] };
    expect(JSON.parse(await direct.ask('auditor', who))).toMatchObject({ role: 'auditor' });
    expect(hasEnded).toBe(false);
  });

  test('ends the handshake of a peer without a certificate by its alert', async () => {
    const service = network.process('procurement', 'VendorMSP');
    const socket: TLSSocket = connect({
      ...{ host: 'localhost', port: service.port, ca: tlsRootOf(service), ALPNProtocols: ['h2'] },
    });
    const error = await caught(once(socket, 'end'));
    expect(error).toMatchObject({ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
    socket.destroy();
  });
});
