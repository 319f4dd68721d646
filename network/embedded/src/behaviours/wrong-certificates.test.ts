import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { ChaincodeConnectionError, ChaincodeHost } from '../chaincode/chaincode-host';
import { startChaincodeProcess } from '../../../chaincode-service/chaincode-process';
import type { ChaincodeProcess } from '../../../chaincode-service/chaincode-process';
import { CertificateAuthority } from '../../../certificates/certificate-authority';
import type { CertifiedKey } from '../../../certificates/key-pair';
import { assetFolder, startAssetNetwork } from '../test-support/asset-network';
import { freePort } from '../../../machine/free-port';
import type { TestNetwork } from '../test-network';

// TLS of each connection of a network with a certificate of somebody else.

let folder: string;
let own: CertificateAuthority;
let foreign: CertificateAuthority;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wrong-certificates-'));
  const create = (name: string): Promise<CertificateAuthority> =>
    CertificateAuthority.create({
      ...{ kind: 'tlsca', domain: 'alpha.example' },
      organizationFolder: join(folder, name),
    });
  own = await create('own');
  foreign = await create('foreign');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a client that trusts another root than that of the network', () => {
  let running: TestNetwork;

  beforeAll(async () => {
    running = await startAssetNetwork();
  }, 60_000);

  afterAll(() => running.close());

  test.each(['a peer', 'the ordering node'])('does not talk to %s', async (node) => {
    const { hostName } = await running.connection('MinistryMSP');
    const { orderer, peers } = running.network.endpoints;
    const isPeer = node === 'a peer';
    const port = isPeer ? peers.get('MinistryMSP')?.port : orderer.port;
    const client = new Client(
      `127.0.0.1:${String(port)}`,
      credentials.createSsl(Buffer.from(foreign.certificatePem)),
      { 'grpc.ssl_target_name_override': isPeer ? hostName : 'orderer.auditor.example' },
    );
    const same = (bytes: Buffer): Buffer => bytes;
    const path = isPeer ? '/protos.Endorser/ProcessProposal' : '/orderer.AtomicBroadcast/Broadcast';
    const error = await new Promise((resolve) => {
      client.makeUnaryRequest(path, same, same, Buffer.of(), resolve);
    });
    client.close();
    expect(error).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringMatching(/certificate/),
    });
  });

  test('is no harm to others', async () => {
    const { address, hostName, tlsRootCertificatePem } = await running.connection('MinistryMSP');
    const tls = credentials.createSsl(Buffer.from(tlsRootCertificatePem));
    const client = new peer.EndorserClient(address, tls, {
      'grpc.ssl_target_name_override': hostName,
    });
    const error = await new Promise((resolve) => {
      client.processProposal(new peer.SignedProposal(), resolve);
    });
    client.close();
    expect(error).toMatchObject({ code: status.UNKNOWN });
  });
});

describe('a chaincode that a peer reaches by mutual TLS', () => {
  const packageId = 'asset:0000';
  let running: ChaincodeProcess;
  let address: string;
  let ownClient: CertifiedKey;
  let foreignClient: CertifiedKey;

  beforeAll(async () => {
    const server = await own.enrolTlsServer('asset.alpha.example');
    ownClient = await own.enrolTlsClient('peers.asset.alpha.example');
    foreignClient = await foreign.enrolTlsClient('peers.asset.alpha.example');
    const write = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const tls = {
      certificateFile: await write('server.crt', server.certificatePem),
      keyFile: await write('server.key', server.privateKeyPem),
      clientCaFile: await write('ca.crt', own.certificatePem),
    };
    const port = await freePort();
    address = `127.0.0.1:${String(port)}`;
    running = startChaincodeProcess({
      ...{ folder: assetFolder, packageId, port, mspId: 'AlphaMSP', tls },
      env: { CORE_CHAINCODE_LOGGING_SHIM: 'ERROR' },
    });
    await reach({ root: own, client: ownClient }, 30_000);
  }, 60_000);

  afterAll(() => running.stop());

  /** Connects as a peer does, and ends the connection. */
  async function reach(
    { root, client }: { root: CertificateAuthority; client?: CertifiedKey },
    timeoutMs = 2_000,
  ): Promise<void> {
    const host = new ChaincodeHost({
      ...{ packageId, address },
      tls: {
        rootCertificate: Buffer.from(root.certificatePem),
        ...(client && {
          client: {
            key: Buffer.from(client.privateKeyPem),
            certificate: Buffer.from(client.certificatePem),
          },
        }),
      },
    });
    try {
      await host.ready(timeoutMs);
    } finally {
      await host.close();
    }
  }

  test('refuses a peer with a client certificate of another CA', async () => {
    const refused = reach({ root: own, client: foreignClient });
    await expect(refused).rejects.toBeInstanceOf(ChaincodeConnectionError);
    await expect(refused).rejects.toThrow(/^could not launch chaincode asset:0000: /);
  });

  test('refuses a peer without a client certificate', async () => {
    await expect(reach({ root: own })).rejects.toBeInstanceOf(ChaincodeConnectionError);
  });

  test('is refused by a peer whose package names another root', async () => {
    const refused = reach({ root: foreign, client: ownClient });
    await expect(refused).rejects.toBeInstanceOf(ChaincodeConnectionError);
    await expect(refused).rejects.toThrow(/connection to 127\.0\.0\.1:\d+ failed/);
  });

  test('serves its own peer after all of them', async () => {
    await expect(reach({ root: own, client: ownClient })).resolves.toBeUndefined();
  });
});
