import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseProfile, ProfileError, readProfiles } from './connection-profile';

const profile = {
  name: 'procurement',
  client: { organization: 'ministry' },
  organizations: { ministry: { mspid: 'MinistryMSP', peers: ['peer0'] } },
  peers: {
    peer0: {
      url: 'grpcs://localhost:7051',
      tlsCACerts: { pem: 'roots' },
      grpcOptions: { 'ssl-target-name-override': 'peer0.ministry.example' },
    },
  },
};

describe('a connection profile', () => {
  test("gives the peers of the client's organization", async () => {
    expect(await parseProfile(profile)).toMatchObject({
      mspId: 'MinistryMSP',
      peers: [
        {
          name: 'peer0',
          mspId: 'MinistryMSP',
          address: 'localhost:7051',
          tlsRootCertificates: 'roots',
          serverName: 'peer0.ministry.example',
        },
      ],
    });
  });

  test('without TLS has no root certificates', async () => {
    const peers = { peer0: { url: 'grpc://localhost:7051' } };
    const [peer] = (await parseProfile({ ...profile, peers })).peers;
    expect(peer).toEqual({ name: 'peer0', mspId: 'MinistryMSP', address: 'localhost:7051' });
  });

  test.each([
    ['no client', { ...profile, client: undefined }, /client/],
    ['an unknown organization', { ...profile, client: { organization: 'x' } }, /organization x/],
    ['an unknown peer', { ...profile, peers: {} }, /peer peer0/],
    ['another scheme', { ...profile, peers: { peer0: { url: 'http://x' } } }, /http:\/\/x/],
    ['TLS without roots', { ...profile, peers: { peer0: { url: 'grpcs://x:1' } } }, /tlsCACerts/],
    [
      'no peer',
      { ...profile, organizations: { ministry: { mspid: 'MinistryMSP', peers: [] } } },
      /no peer/,
    ],
  ])('with %s is refused with what is wrong', async (_, document, words) => {
    await expect(parseProfile(document)).rejects.toBeInstanceOf(ProfileError);
    await expect(parseProfile(document)).rejects.toThrow(words);
  });
});

describe('a folder of profiles', () => {
  test('says what to do where it is absent or empty, and may be one file of it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'gateway-profiles-'));
    await expect(readProfiles(folder)).rejects.toThrow(/start the network first/);
    await expect(readProfiles(path.join(folder, 'none'))).rejects.toBeInstanceOf(ProfileError);
    await writeFile(path.join(folder, 'MinistryMSP.json'), '{');
    await expect(readProfiles(folder)).rejects.toThrow(/MinistryMSP\.json/);
    await writeFile(path.join(folder, 'MinistryMSP.json'), JSON.stringify(profile));
    expect([...(await readProfiles(folder)).keys()]).toEqual(['MinistryMSP']);
    const file = path.join(folder, 'MinistryMSP.json');
    await writeFile(path.join(folder, 'OtherMSP.json'), '{');
    expect([...(await readProfiles(file)).keys()]).toEqual(['MinistryMSP']);
    await rm(folder, { recursive: true, force: true });
  });
});
