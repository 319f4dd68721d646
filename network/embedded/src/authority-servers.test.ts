import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FabricCaSource } from '../../identity-source/fabric-ca-source';
import { queryHeight } from '../../lifecycle/lifecycle-calls';
import { connectPeer } from '../../lifecycle/lifecycle-peer';
import { withPorts } from '../../topology';
import { topology as testNetwork } from '../../topologies/test-network';
import type { OwnConnectionProfile } from '../../certificates/connection-profile';
import { createSigningIdentity } from '../../certificates/signing-identity';
import { startEmbeddedNetwork } from './network';
import type { EmbeddedNetwork } from './network';

const topology = withPorts(testNetwork, 0);
let folder: string;
let network: EmbeddedNetwork;
let profile: OwnConnectionProfile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authority-servers-'));
  network = await startEmbeddedNetwork({ topology, folder });
  const home = join(folder, 'organizations/peerOrganizations/org1.example.com');
  const text = await readFile(join(home, 'connection-org1.json'), 'utf8');
  profile = JSON.parse(text) as OwnConnectionProfile;
});

afterAll(async () => {
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the CA of an organization of the test network', () => {
  test('is found in the connection profile and enrols a user whom the peers accept', async () => {
    const name = profile.organizations['Org1']?.certificateAuthorities[0] ?? '';
    expect(name).toBe('ca.org1.example.com');
    const { url, caName, tlsCACerts } = profile.certificateAuthorities![name]!;
    const source = new FabricCaSource({
      url,
      caName,
      tlsRootPem: tlsCACerts.pem[0]!,
      registrar: { name: 'admin', secret: 'adminpw' },
    });
    const secret = await source.register({ name: 'appUser', type: 'client', attributes: {} });
    const { certificatePem, privateKeyPem } = await source.enrol({ name: 'appUser', secret });

    const privateKey = createPrivateKey(privateKeyPem);
    const signer = createSigningIdentity({ mspId: 'Org1MSP', certificatePem, privateKey });
    const server = profile.peers['peer0.org1.example.com']!;
    const peer = connectPeer({
      address: server.url.replace('grpcs://', ''),
      hostName: 'peer0.org1.example.com',
      tlsRootCertificatePem: server.tlsCACerts.pem,
    });
    expect(await queryHeight({ peer, signer }, 'mychannel')).toBe(1);
    peer.close();
  });

  test('is named when its port is in use', async () => {
    const port = network.endpoints.authorities!.get('Org2MSP')!.port;
    const other = await mkdtemp(join(tmpdir(), 'authority-servers-'));
    const organizations = topology.organizations.map((one) =>
      one.mspId === 'OrdererMSP'
        ? { ...one, certificateAuthority: { ...one.certificateAuthority!, port } }
        : one,
    );
    const second = startEmbeddedNetwork({
      topology: { ...topology, organizations },
      folder: other,
    });
    await expect(second).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      node: 'the CA of OrdererMSP',
      port,
    });
    await rm(other, { recursive: true, force: true });
  });
});
