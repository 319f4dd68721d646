import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProposalOptions } from '@hyperledger/fabric-gateway';
import type { SigningIdentity } from '../identity/signing-identity';
import { startAssetNetwork } from '../test-support/asset-network';
import { privateTopology } from './behaviours.test-support';
import { RawClients } from './raw-clients.test-support';
import { endorsersOfPrepared } from './raw-transaction.test-support';
import { connectAs, failureOf } from './sdk.test-support';
import type { SdkClient } from './sdk.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

const SHARED = 'collVendorMinistry';
const IMPLICIT = '_implicit_org_VendorMSP';
const transientData = { value: Buffer.from('secret') };

let clients: RawClients;
let tashi: SigningIdentity;
let sdk: SdkClient;

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology: privateTopology }));
  tashi = await clients.user('tashi');
  sdk = await connectAs(clients, tashi);
});

afterAll(async () => {
  sdk.close();
  clients.close();
  await clients.network.close();
});

/** Submits through the ministry's gateway. @returns code and endorsers */
async function submit(
  name: string,
  options: ProposalOptions,
): Promise<{ code: number; endorsers: string[] }> {
  const transaction = await sdk.contract.newProposal(name, options).endorse();
  const endorsers = endorsersOfPrepared(transaction.getBytes());
  const { code } = await (await transaction.submit()).getStatus();
  return { code, endorsers };
}

describe('the gateway', () => {
  test('52a: gives transient data to no organization outside the collection', async () => {
    const options = { arguments: [SHARED, 'k', ''], transientData };
    expect(await failureOf(submit('private:put', options))).toEqual({
      error: 'EndorseError',
      grpcCode: 9,
      message:
        '9 FAILED_PRECONDITION: requires endorsement from organisation(s) that are not in the ' +
        `distribution policy of the private data collection(s): [${SHARED}]; retry specifying ` +
        'trusted endorsing organizations to protect transient data',
      details: [],
    });
  });

  test('52a: asks others for a private write without transient data', async () => {
    const { code, endorsers } = await submit('private:put', { arguments: [SHARED, 'k', 'v'] });
    expect(code).toBe(0);
    expect(endorsers).toEqual(['MinistryMSP', 'AuditorMSP']);
  });

  test('52b: gives transient data to the organizations that the client names', async () => {
    const endorsingOrganizations = ['VendorMSP', 'AuditorMSP'];
    const options = { arguments: [SHARED, 'k', ''], transientData, endorsingOrganizations };
    expect((await submit('private:put', options)).code).toBe(0);
  });

  test('52: asks only members where private data are read', async () => {
    const options = { arguments: [SHARED, 'k', 'other'] };
    expect(await failureOf(submit('private:readPut', options))).toMatchObject({
      grpcCode: 9,
      message:
        '9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the ' +
        'endorsement policy: no peer combination can satisfy the endorsement policy',
    });
    const audited = { arguments: ['collAuditorPolicy', 'k', 'other'] };
    expect(await submit('private:readPut', audited)).toEqual({
      code: 0,
      endorsers: ['AuditorMSP'],
    });
  });

  test('54b: lets the organization of an implicit collection endorse', async () => {
    const options = { arguments: [IMPLICIT, 'k', ''], transientData };
    expect(await submit('private:put', options)).toEqual({ code: 0, endorsers: ['VendorMSP'] });
    const own = { arguments: ['_implicit_org_MinistryMSP', 'k', ''], transientData };
    expect(await submit('private:put', own)).toEqual({ code: 0, endorsers: ['MinistryMSP'] });
  });

  test('61: tells which peers could not reach enough members', async () => {
    const options = {
      arguments: ['collNeedsThree', 'k', 'v'],
      endorsingOrganizations: ['VendorMSP', 'AuditorMSP'],
    };
    const failure = await failureOf(submit('private:put', options));
    expect(failure).toMatchObject({
      grpcCode: 10,
      message:
        '10 ABORTED: failed to collect enough transaction endorsements, see attached details for ' +
        'more info',
    });
    const details = failure['details'] as [string, string][];
    expect(details.map(([mspId]) => mspId).sort()).toEqual(['AuditorMSP', 'VendorMSP']);
    for (const [, text] of details) {
      expect(text).toMatch(
        /required to disseminate to at least 3 peers, but know of only 2 eligible peers$/,
      );
    }
  });
});
