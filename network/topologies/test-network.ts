import type { Organization, Topology } from '../topology';

/** Administrators are made by the network itself: `Admin@<domain>`. */
const users: Organization['users'] = [{ name: 'User1', type: 'client', attributes: {} }];

/** Who registers others at the CAs of the test network; known to everybody, as there. */
const registrar = { name: 'admin', secret: 'adminpw' };

/**
 * The network that Fabric's samples are written for: their test network of two organizations with a
 * peer each and one that orders, at its ports, with the channel `mychannel` and without chaincode.
 * Block sizes are those of its configtx.yaml; the timeout is 10 ms instead of 2 s, so that
 * transactions sent one after the other do not wait.
 */
export const topology: Topology = {
  channel: 'mychannel',
  batch: {
    timeoutMs: 10,
    maxMessageCount: 10,
    preferredMaxBytes: 512 * 1024,
    absoluteMaxBytes: 99 * 1024 * 1024,
  },
  organizations: [
    {
      name: 'Org1',
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
      peer: { name: 'peer0', port: 7051 },
      users,
      certificateAuthority: { port: 7054, registrar },
    },
    {
      name: 'Org2',
      mspId: 'Org2MSP',
      domain: 'org2.example.com',
      peer: { name: 'peer0', port: 9051 },
      users,
      certificateAuthority: { port: 8054, registrar },
    },
    {
      name: 'Orderer',
      mspId: 'OrdererMSP',
      domain: 'example.com',
      users: [],
      certificateAuthority: { port: 9054, registrar },
    },
  ],
  orderers: [{ organization: 'OrdererMSP', name: 'orderer', port: 7050 }],
  chaincodes: [],
};
