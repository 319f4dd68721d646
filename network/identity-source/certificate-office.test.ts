import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { readAttributes } from '../certificates/attributes';
import { CertificateAuthority } from '../certificates/certificate-authority';
import { CertificateOffice } from './certificate-office';
import { EmbeddedSource } from './embedded-source';

const nodeModules = resolve(__dirname, '../../node_modules');
const person = { type: 'client', attributes: {} } as const;
const refusal = (reason: string): object => ({ name: 'IdentitySourceError', reason });

/** How the registry hashed everyone's secret, by name. */
async function waysOf(folder: string): Promise<Record<string, string | undefined>> {
  const text = await readFile(join(folder, 'ca', 'registry.json'), 'utf8');
  const entries = JSON.parse(text) as { name: string; secretHash: string }[];
  return Object.fromEntries(
    entries.map(({ name, secretHash }) => [name, secretHash.split(':')[2]]),
  );
}

describe('the office of an embedded CA', () => {
  let folder: string;
  let ca: CertificateAuthority;

  const place = (): { domain: string; organizationFolder: string } => ({
    domain: 'alpha.example',
    organizationFolder: folder,
  });

  const newSource = async (): Promise<EmbeddedSource> =>
    new EmbeddedSource(await CertificateOffice.open(place()));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificate-office-'));
    ca = await CertificateAuthority.create({ ...place(), kind: 'ca' });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('remembers registrations and revocations when it is opened again', async () => {
    const first = await newSource();
    const registration = { name: 'ann', type: 'client', attributes: { role: 'tester' } } as const;
    const secret = await first.register(registration);
    const ann = await first.enrol({ name: 'ann', secret });
    const { revocationListPem } = await first.revoke(ann);
    const again = await newSource();

    const later = await again.enrol({ name: 'ann', secret });
    expect(readAttributes(later.certificatePem)).toMatchObject({ role: 'tester' });
    await expect(again.reenrol(ann)).rejects.toMatchObject(refusal('unauthenticated'));
    expect(revocationListPem).toContain('BEGIN X509 CRL');
  });

  test('keeps no secret in the clear, and the registry to its owner', async () => {
    const path = join(folder, 'ca', 'registry.json');
    const source = await newSource();
    const secret = await source.register({ name: 'ann', type: 'client', attributes: {} });

    expect(await readFile(path, 'utf8')).not.toContain(secret);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('makes guesses dear where a secret may be guessed, and there only', async () => {
    const office = await CertificateOffice.open(place());
    const source = new EmbeddedSource(office);
    const random = 'uYzgCPTd4FCTOvMkWqC1fNBQvcyv7bnKXIJ7Z-dWIjA';
    await office.register({ ...person, name: 'ann', secret: 'chosen' });
    await office.register({ ...person, name: 'bo', secret: random, isRandomSecret: true });
    const secret = await office.register({ ...person, name: 'cy' });

    expect(await waysOf(folder)).toEqual({ ann: 'scrypt', bo: 'sha256', cy: 'sha256' });
    for (const login of [
      { name: 'ann', secret: 'chosen' },
      { name: 'bo', secret: random },
      { name: 'cy', secret },
    ]) {
      await expect(source.enrol(login)).resolves.toBeDefined();
      const wrong = { ...login, secret: `${login.secret}x` };
      await expect(source.enrol(wrong)).rejects.toMatchObject(refusal('unauthenticated'));
    }
  });

  test('knows the secrets of registries that do not say how they were hashed', async () => {
    const path = join(folder, 'ca', 'registry.json');
    const source = await newSource();
    await source.register({ ...person, name: 'ann', secret: 'chosen' });
    await writeFile(path, (await readFile(path, 'utf8')).replace(':scrypt', ''));

    await expect(source.enrol({ name: 'ann', secret: 'chosen' })).resolves.toBeDefined();
  });

  test('renews and revokes what the CA issued before it had a registry', async () => {
    const old = await ca.enrol({ name: 'bo', role: 'client', attributes: { role: 'vendor' } });
    const source = await newSource();
    const renewed = await source.reenrol(old);

    expect(readAttributes(renewed.certificatePem)).toEqual(readAttributes(old.certificatePem));
    expect((await source.revoke(old)).serials).toHaveLength(1);
    await expect(source.reenrol(old)).rejects.toMatchObject(refusal('unauthenticated'));
    expect((await source.revoke({ name: 'bo' })).serials).toHaveLength(1);
    await expect(source.reenrol(renewed)).rejects.toMatchObject(refusal('unauthenticated'));
  });

  test('lets no earlier certificate take over a name with other attributes', async () => {
    const old = await ca.enrol({ name: 'bo', role: 'client', attributes: { role: 'vendor' } });
    const source = await newSource();
    await source.register({ name: 'bo', type: 'client', attributes: { role: 'officer' } });

    await expect(source.reenrol(old)).rejects.toMatchObject(refusal('unauthenticated'));
  });

  test('knows no certificate of another CA', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'another-ca-'));
    const other = await CertificateAuthority.create({
      kind: 'ca',
      domain: 'alpha.example',
      organizationFolder: elsewhere,
    });
    const foreign = await other.enrol({ name: 'bo', role: 'client', attributes: {} });
    await rm(elsewhere, { recursive: true, force: true });
    const source = await newSource();

    expect(new X509Certificate(foreign.certificatePem).subject).toContain('CN=bo');
    await expect(source.reenrol(foreign)).rejects.toMatchObject(refusal('unauthenticated'));
    await expect(source.revoke(foreign)).rejects.toMatchObject(refusal('not-found'));
  });

  test('is one of several processes that register people at the same time', async () => {
    const program = join(folder, 'registering.cjs');
    buildSync({
      entryPoints: [join(__dirname, 'test-support/registering.test-support.ts')],
      ...{ outfile: program, bundle: true, platform: 'node', packages: 'external' },
    });
    const namesOf = (who: string): string[] =>
      Array.from({ length: 12 }, (_, at) => `${who}-${String(at)}`);
    const env = { ...process.env, NODE_PATH: nodeModules };
    const processes = ['one', 'two'].map(async (who) => {
      const args = [program, folder, 'alpha.example', ...namesOf(who)];
      const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
      expect(await once(child, 'exit')).toEqual([0, null]);
    });
    const source = await newSource();
    for (const name of namesOf('own')) await source.register({ ...person, name });
    await Promise.all(processes);
    const text = await readFile(join(folder, 'ca', 'registry.json'), 'utf8');
    const registered = (JSON.parse(text) as { name: string }[]).map(({ name }) => name);
    expect(registered.sort()).toEqual(['one', 'own', 'two'].flatMap(namesOf).sort());
  }, 60_000);

  test('goes by what another office of the same CA has done', async () => {
    const [first, second] = [await newSource(), await newSource()];
    const secret = await first.register({ ...person, name: 'ann' });
    const ann = await second.enrol({ name: 'ann', secret });
    await first.revoke({ name: 'ann' });
    await expect(second.reenrol(ann)).rejects.toMatchObject(refusal('unauthenticated'));
    const again = second.register({ ...person, name: 'ann' });
    await expect(again).rejects.toMatchObject(refusal('already-registered'));
    expect((await second.revocationList()).length).toBeGreaterThan(0);
  });

  test('keeps nothing of a registration that it refuses', async () => {
    const path = join(folder, 'ca', 'registry.json');
    const source = await newSource();
    await source.register({ ...person, name: 'ann' });
    const before = await readFile(path, 'utf8');
    await expect(source.enrol({ name: 'ann', secret: 'x' })).rejects.toMatchObject(
      refusal('unauthenticated'),
    );
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('gives the attributes that begin with hf. by itself only', async () => {
    const attributes = { 'hf.Registrar.Roles': '*' };
    const source = await newSource();

    await expect(
      source.register({ name: 'eve', type: 'client', attributes }),
    ).rejects.toMatchObject(refusal('unauthorized'));
  });
});
