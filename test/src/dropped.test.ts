import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiUnreachable, SignedApi, verifyReceipt } from '@procurement/client';
import { signerOf } from '@procurement/tools/demonstration/key-folders';
import { pinnedRoots } from '@procurement/tools/demonstration/roots';
import { DirectLedger } from './support/direct-ledger';
import { startSystem, type System } from './support/procedure';
import { transactionsOf } from './support/raw-blocks';
import { RecordingProxy } from './support/recording-proxy';

const HAND_IN = 'POST /api/v1/relay/transactions';
/** What a gateway answers to a transaction that it has handed on. */
const HANDED_ON = /\{"transactionId":"[0-9a-f]{64}"\}/;

let system: System;
let proxy: RecordingProxy;
let second: string;

beforeAll(async () => {
  system = await startSystem();
  second = (await system.stack.startSecond())!;
  proxy = await RecordingProxy.listen();
  proxy.forwardTo(system.stack.url);
}, 120_000);

afterAll(async () => {
  await proxy.close();
  await system.stop();
});

/** Somebody behind the proxy, who knows another organisation's gateway or none. */
async function behindProxy(name: string, knowsAnother: boolean): Promise<SignedApi> {
  const networkFolder = join(system.folder, 'network');
  const roots = pinnedRoots(networkFolder);
  const signer = await signerOf(system.folder, name);
  const others = knowsAnother ? [new SignedApi({ baseUrl: second, roots, signer })] : [];
  return new SignedApi({ baseUrl: proxy.url, roots, signer, others });
}

/** Validation codes of a transaction, one for each time that it stands in the chain. */
async function codesOf(transactionId: string): Promise<number[]> {
  const direct = await DirectLedger.connect(system.folder);
  const placed = transactionsOf(await direct.blocks('auditor', 0n));
  await direct.close();
  return placed
    .filter((one) => one.transactionId === transactionId)
    .map(({ validationCode }) => validationCode);
}

describe('what a gateway drops', () => {
  test.each([
    ['the request', 'vendor-1', (text: string) => text.startsWith(HAND_IN)],
    ['the answer', 'vendor-2', (text: string) => HANDED_ON.test(text)],
  ])(
    "(%s) goes through another organisation's gateway, the same bytes, with one effect",
    async (_, person, drops) => {
      const dropped: string[] = [];
      proxy.drops = (text) => {
        const isDropped = drops(text);
        if (isDropped) dropped.push(text);
        return isDropped;
      };
      const vendor = await behindProxy(person, true);
      const registration = { requestId: 'r-1', vendorId: person, name: person, licence: person };
      const { transactionId } = await vendor.registerVendor(registration);
      expect(dropped).toHaveLength(1);

      const codes = await codesOf(transactionId);
      expect(codes.filter((code) => code === 0)).toHaveLength(1);
      const { command, attestedBy } = await verifyReceipt(await vendor.receipt(transactionId), {
        roots: pinnedRoots(join(system.folder, 'network')),
      });
      expect({ command, attestedBy }).toEqual({
        ...{ command: 'vendor:register', attestedBy: ['AuditorMSP', 'MinistryMSP'] },
      });
    },
  );

  test('is known as such to whoever has no other way', async () => {
    proxy.drops = (text) => text.startsWith(HAND_IN);
    const vendor = await behindProxy('vendor-3', false);
    const registration = { requestId: 'r-1', vendorId: 'three', name: 'Three', licence: 'L-3' };
    await expect(vendor.registerVendor(registration)).rejects.toBeInstanceOf(ApiUnreachable);
    await expect(system.people.auditor.vendor('three')).rejects.toMatchObject({
      ...{ code: 'NOT_FOUND' },
    });
  });
});
