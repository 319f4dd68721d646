import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Reject, storePossessionMessage } from '@procurement/protocol';
import { readSettings } from '../config/settings';
import { Identities } from '../identity/identities';
import { TokenRegistry } from '../identity/tokens';
import { FakeLedger } from '../test-support/fake-ledger';
import { newTestIdentity } from '../test-support/gateway-under-test';
import { CommandService } from '../transactions/command.service';
import { LedgerProgress } from '../transactions/ledger-progress';
import { QueryService } from '../transactions/query.service';
import { openStore } from './open-store';
import type { Store } from './open-store';
import { StoreRegistration } from './store-registration';

const service = newTestIdentity({ name: 'gateway', mspId: 'AuditorMSP', role: 'gateway' });
const url = 'http://127.0.0.1:8080';
const storeId = 'store-AuditorMSP';

let folder: string;
let store: Store;
let ledger: FakeLedger;
let registration: StoreRegistration;
/** What the register holds. */
let stores: object[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'registration-'));
  store = await openStore({ folder, s3: undefined, quota: { bytes: 1, count: 1 } }, 'AuditorMSP');
  ledger = new FakeLedger();
  stores = [];
  ledger.chaincode = ({ transaction, transactionId }) =>
    transaction === 'store:list' ? { stores } : { repeated: false, result: {}, transactionId };
  registration = registrationWith({});
});

afterEach(async () => {
  registration.onApplicationShutdown();
  await rm(folder, { recursive: true });
});

function registrationWith(environment: Record<string, string>): StoreRegistration {
  return new StoreRegistration(
    readSettings(environment),
    store,
    new Identities({ service, tokens: new TokenRegistry() }),
    new QueryService(ledger),
    new CommandService(ledger, new LedgerProgress()),
  );
}

function registered(): Record<string, string>[] {
  return ledger.calls
    .filter(({ transaction }) => transaction === 'store:register')
    .map(({ input }) => input as Record<string, string>);
}

function isProved(publicKey: string, { possession }: { readonly possession: string }): boolean {
  const where = { channel: 'procurement', chaincode: 'procurement' };
  return verify(
    'sha256',
    storePossessionMessage({ ...where, storeId, publicKey }),
    createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' }),
    Buffer.from(possession, 'base64url'),
  );
}

describe("a gateway's store", () => {
  test('is registered as the gateway itself, with a proof that it has the key', async () => {
    await registration.begin(url);
    const { publicKey } = store.key;
    expect(registered()).toMatchObject([{ storeId, publicKey, url }]);
    const [{ possession = '' } = {}] = registered();
    expect(isProved(publicKey, { possession })).toBe(true);
    expect(ledger.calls.every(({ creator }) => creator.mspId === 'AuditorMSP')).toBe(true);
  });

  test('that the register knows is left as it is, and a new address is told', async () => {
    stores = [{ storeId, mspId: 'AuditorMSP', publicKey: store.key.publicKey, url }];
    await registration.begin(url);
    expect(registered()).toEqual([]);
    await registrationWith({ PROCUREMENT_PUBLIC_URL: 'https://moved.example' }).begin(url);
    expect(registered()).toMatchObject([{ storeId, url: 'https://moved.example' }]);
  });

  test('whose key is not the registered one takes nobody in, and claims that it is', async () => {
    stores = [{ storeId, mspId: 'AuditorMSP', publicKey: 'another', url }];
    await registration.begin(url);
    expect(registered()).toEqual([]);
    const claim = JSON.parse(await readFile(path.join(folder, 'claim.json'), 'utf8')) as object;
    const { publicKey } = store.key;
    const where = { channel: 'procurement', chaincode: 'procurement' };
    expect(claim).toMatchObject({ schema: 'store-claim/1', ...where, storeId, publicKey });
    expect(isProved(publicKey, claim as { possession: string })).toBe(true);
  });

  test('without an address that others can reach is not registered', async () => {
    await registrationWith({ PROCUREMENT_HTTP_HOST: '0.0.0.0' }).begin(url);
    expect(ledger.calls).toEqual([]);
  });

  test('is registered once the ledger answers, and not after the end', async () => {
    const answering = ledger.chaincode;
    ledger.chaincode = () => {
      throw new Reject('UNKNOWN_TRANSACTION', { transaction: 'store:list' });
    };
    const asked = once(ledger.events, 'call');
    const begun = registration.begin(url);
    await asked;
    ledger.chaincode = answering;
    await begun;
    expect(registered()).toHaveLength(1);
    registration.onApplicationShutdown();
    await registration.begin('http://127.0.0.1:9');
    expect(registered()).toHaveLength(1);
  });
});
