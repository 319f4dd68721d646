import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CaAnswer, CaRequest, PinnedRoots } from '@procurement/client';
import { caTransport } from '@procurement/client/ca-transport';
import { pinnedRoots } from '@procurement/tools/demonstration/roots';
import { projectRoot } from '@procurement/tools/start/project-root';
import { type Browser, chromium, type Page } from 'playwright-core';
import { KeyHomes } from './support/key-homes';
import { startSystem, type System } from './support/procedure';

const CHROMIUM = process.env['PROCUREMENT_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const vendor = { name: 'dorji', mspId: 'VendorMSP', attributes: { role: 'vendor' } };

/** The client as the page has it. */
type Procure = typeof import('@procurement/client');
declare const procure: Procure;
declare const indexedDB: ConstructorParameters<Procure['BrowserKeyStore']>[0];
declare const askCa: (request: CaRequest) => Promise<CaAnswer>;

// Without a Chromium there is nothing to test: PROCUREMENT_CHROMIUM names one.
const inChromium = existsSync(CHROMIUM) ? describe : describe.skip;

inChromium('a vendor in a browser', () => {
  let system: System;
  let homes: KeyHomes;
  let browser: Browser;
  let page: Page;
  let roots: PinnedRoots;
  let packed: readonly string[];

  beforeAll(async () => {
    const { bundleClient } = createRequire(__filename)(
      join(projectRoot, 'client', 'bundle.cjs'),
    ) as { readonly bundleClient: () => Promise<string[]> };
    packed = await bundleClient();
    system = await startSystem();
    const networkFolder = join(system.folder, 'network');
    roots = pinnedRoots(networkFolder);
    homes = await KeyHomes.open(networkFolder);
    await homes.settle(vendor);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const context = await browser.newContext({ bypassCSP: true });
    page = await context.newPage();
    const ca = homes.ca(vendor);
    const tlsRoot = await readFile(ca.tlsRoot, 'utf8');
    await page.exposeFunction('askCa', caTransport({ url: ca.url, tlsRoot }));
    await openPage();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await homes.close();
    await system.stop();
  });

  /** A page of the gateway's origin with the client in it. */
  async function openPage(): Promise<void> {
    await page.goto(`${system.stack.url}/health`);
    await page.addScriptTag({ path: join(projectRoot, 'client', 'dist', 'browser', 'procure.js') });
  }

  test('needs nothing of Node and no gRPC', () => {
    expect(packed.filter((file) => /grpc|^node:/.test(file))).toEqual([]);
    expect(packed.filter((file) => file.endsWith('client/dist/signed-api.js'))).toHaveLength(1);
    expect(packed.filter((file) => file.includes('client/dist/cli/'))).toEqual([]);
  });

  test('makes a key that no script can take out', async () => {
    const taken = await page.evaluate(async () => {
      const store = new procure.BrowserKeyStore(indexedDB);
      const { keys } = await store.make('mine');
      const takings: Promise<unknown>[] = [
        crypto.subtle.exportKey('pkcs8', keys.privateKey),
        crypto.subtle.exportKey('jwk', keys.privateKey),
      ];
      const refusals = await Promise.all(
        takings.map((taking) => taking.catch((error: unknown) => (error as Error).name)),
      );
      const second = await store.make('mine').catch((error: unknown) => (error as Error).name);
      return { isExtractable: keys.privateKey.extractable, refusals, second };
    });
    expect(taken).toEqual({
      ...{ isExtractable: false, second: 'ConstraintError' },
      refusals: ['InvalidAccessError', 'InvalidAccessError'],
    });
  });

  test('has it certified, keeps it over a new visit, and signs what the network accepts', async () => {
    const secret = (await readFile(homes.path('dorji', 'enrolment-secret'), 'utf8')).trim();
    const enrolment = { ...vendor, roots, secret };
    await page.evaluate(async ({ name, mspId, roots: pinned, secret: once }) => {
      const store = new procure.BrowserKeyStore(indexedDB);
      const found = await store.find('mine');
      if (found === undefined) throw new Error('the key is gone');
      const ca = new procure.CaClient({ transport: askCa, roots: pinned });
      const certificate = await ca.enrol({ name, mspId, keys: found.keys, secret: once });
      await store.keepCertificate('mine', certificate);
    }, enrolment);
    await openPage();
    const outcome = await page.evaluate(
      async ({ mspId, roots: pinned, baseUrl }) => {
        const found = await new procure.BrowserKeyStore(indexedDB).find('mine');
        if (found?.certificate === undefined) throw new Error('the certificate is gone');
        const { keys, certificate } = found;
        const signer = procure.newSigner({ mspId, certificate }, keys.privateKey);
        const api = new procure.SignedApi({ baseUrl, signer, roots: pinned });
        const requestId = 'register';
        const firm = { vendorId: 'dorji', name: 'Dorji Works', licence: 'L-17' };
        const registered = await api.registerVendor({ requestId, ...firm });
        const receipt = await api.receipt(registered.transactionId);
        const verified = await procure.verifyReceipt(receipt, { roots: pinned });
        return { vendor: await api.vendor(), registered, command: verified.command };
      },
      { ...enrolment, baseUrl: system.stack.url },
    );
    expect(outcome).toMatchObject({
      vendor: { vendorId: 'dorji', owner: { mspId: 'VendorMSP' } },
      ...{ registered: { repeated: false }, command: 'vendor:register' },
    });
    const seen = await system.people.auditor.vendor('dorji');
    expect(seen).toEqual(outcome.vendor);
  });

  test('is gone once its owner removes it', async () => {
    const left = await page.evaluate(async () => {
      const store = new procure.BrowserKeyStore(indexedDB);
      await store.remove('mine');
      return (await store.find('mine')) === undefined;
    });
    expect(left).toBe(true);
  });
});
