import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import {
  ChaincodePackageError,
  packageService,
  packageIdOf,
  readPackage,
  readServiceConnection,
} from './chaincode-package';

const service = { label: 'basic_1.0', connection: { address: '127.0.0.1:9999' } };

async function archive(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const packing = pack();
  for (const [name, content] of Object.entries(files)) packing.entry({ name }, content);
  packing.finalize();
  return gzipSync(await buffer(packing));
}

describe('A package of a chaincode that runs as a service', () => {
  test('has an id of its label and the hash of its bytes, the same each time', async () => {
    const first = await packageService(service);
    const second = await packageService(service);

    expect(first.bytes.equals(second.bytes)).toBe(true);
    expect(first.id).toBe(packageIdOf('basic_1.0', first.bytes));
    expect(first.id).toBe(
      'basic_1.0:2bc88dacddf86571fa50e38b1ab809056985d872583c00f6bd631da0eb21d6e4',
    );
  });

  test('has another id at another address', async () => {
    const other = await packageService({ ...service, connection: { address: '127.0.0.1:9998' } });

    expect(other.id).not.toBe((await packageService(service)).id);
  });

  test('is read back with its label, type and connection', async () => {
    const connection = {
      address: 'basic.example:9999',
      dial_timeout: '3s',
      tls_required: true,
      client_auth_required: true,
      client_key: 'key',
      client_cert: 'certificate',
      root_cert: 'root',
    };
    const { bytes } = await packageService({ label: 'basic_1.0', connection });

    const content = await readPackage(bytes);

    expect(content).toMatchObject({ label: 'basic_1.0', type: 'ccaas' });
    expect(await readServiceConnection(content)).toEqual(connection);
  });

  test('is refused with a label that Fabric does not take', async () => {
    await expect(packageService({ ...service, label: 'a b' })).rejects.toThrow(
      ChaincodePackageError,
    );
  });
});

describe('Bytes that are no package', () => {
  test.each([
    ['is no archive', Buffer.from('nonsense'), /^error reading as gzip stream: /],
    ['is cut short', gzipSync(Buffer.alloc(700, 1)), /^error reading as gzip stream: /],
  ])('are refused when the file %s', async (_, bytes, text) => {
    await expect(readPackage(bytes)).rejects.toThrow(text);
  });

  test('are refused without code, metadata or label', async () => {
    const code = await archive({});
    const metadata = JSON.stringify({ type: 'ccaas', label: '' });

    await expect(readPackage(await archive({ 'metadata.json': '{}' }))).rejects.toThrow(
      'did not find a code package inside the package',
    );
    await expect(readPackage(await archive({ 'code.tar.gz': code }))).rejects.toThrow(
      'did not find any package metadata (missing metadata.json)',
    );
    await expect(
      readPackage(await archive({ 'metadata.json': metadata, 'code.tar.gz': code })),
    ).rejects.toThrow("invalid label ''");
    await expect(
      readPackage(await archive({ 'metadata.json': '{', 'code.tar.gz': code })),
    ).rejects.toThrow('could not unmarshal metadata.json as json');
  });

  test('are refused without a connection or its address', async () => {
    const label = 'basic_1.0';
    const without = { label, type: 'ccaas', code: await archive({}) };
    const empty = { label, type: 'ccaas', code: await archive({ 'connection.json': '{}' }) };

    await expect(readServiceConnection(without)).rejects.toThrow(
      'connection.json not found in source folder',
    );
    await expect(readServiceConnection(empty)).rejects.toThrow('chaincode address not provided');
  });
});
