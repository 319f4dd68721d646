import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import {
  packageService,
  readPackage,
  readServiceConnection,
} from '../../../lifecycle/chaincode-package';
import {
  checkCommitReadiness,
  getInstalledPackage,
  installChaincode,
  queryApproved,
  queryCommitted,
  queryInstalled,
} from '../../../lifecycle/lifecycle-calls';
import type { LifecycleCaller } from '../../../lifecycle/lifecycle-calls';
import { connectPeer } from '../../../lifecycle/lifecycle-peer';
import type { LifecycleSigner } from '../../../lifecycle/lifecycle-peer';
import { chaincodeEndpoint } from '../chaincode/chaincode-endpoint';
import { ChaincodeStream } from '../chaincode/chaincode-stream';
import type { ChaincodeTls } from '../chaincode/chaincode-stream';
import { startTestNetwork } from '../test-network';
import type { TestNetwork } from '../test-network';
import { assetFolder } from '../test-support/asset-network';
import { connectGateway } from '../test-support/gateway-client';
import type { GatewayClient } from '../test-support/gateway-client';
import { RawClients } from './raw-clients.test-support';
import { newAssetProposal } from './asset-proposal.test-support';

const channel = 'minimal';
const either = "OR('AlphaMSP.peer', 'BetaMSP.peer')";

let running: TestNetwork;
let clients: RawClients;
const closers: (() => void)[] = [];

beforeAll(async () => {
  running = await startTestNetwork({ chaincodeFolder: assetFolder });
  clients = await RawClients.of(running);
});

afterAll(async () => {
  for (const close of closers) close();
  clients.close();
  await running.close();
});

async function callerOf(mspId: string, signer?: LifecycleSigner): Promise<LifecycleCaller> {
  const connection = connectPeer(await running.connection(mspId));
  closers.push(() => {
    connection.close();
  });
  return { peer: connection, signer: signer ?? clients.crypto.organization(mspId).admin };
}

async function client(chaincode: string): Promise<GatewayClient> {
  const connected = await connectGateway(running.network, { user: 'ann', chaincode });
  closers.push(() => {
    connected.close();
  });
  return connected;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

describe('A chaincode that is deployed while the network runs', () => {
  const definition = { name: 'later', version: '1.0', endorsementPolicy: either };

  test('serves from the moment its definition is committed, in the approvals of all', async () => {
    const deployed = await running.deploy({ definition });

    expect(deployed).toMatchObject({ sequence: 1, isNew: true });
    const { contract } = await client('later');
    await contract.submitTransaction('put', 'k', 'v');
    expect(textOf(await contract.evaluateTransaction('get', 'k'))).toBe('v');
    const committed = await queryCommitted(await callerOf('BetaMSP'), { channel, name: 'later' });
    expect(new Map(committed?.getApprovalsMap().toObject())).toEqual(
      new Map([
        ['AlphaMSP', true],
        ['BetaMSP', true],
      ]),
    );
  });

  test('is left as it is by a second deployment', async () => {
    const height = running.network.heightOf('AlphaMSP');

    const again = await running.deploy({ definition });

    expect(again).toMatchObject({ sequence: 1, isNew: false });
    expect(running.network.heightOf('AlphaMSP')).toBe(height);
  });

  test('51: gets its next definition, which makes a conflict of what was endorsed before', async () => {
    const { contract } = await client('later');
    const endorsed = await contract.newProposal('put', { arguments: ['k', 'old'] }).endorse();

    const deployed = await running.deploy({ definition: { ...definition, version: '2.0' } });

    expect(deployed).toMatchObject({ sequence: 2, isNew: true });
    const status = await (await endorsed.submit()).getStatus();
    expect(status.code).toBe(peer.TxValidationCode.MVCC_READ_CONFLICT);
    expect(textOf(await contract.evaluateTransaction('get', 'k'))).toBe('v');
  });

  test('runs from the package of the newest definition', async () => {
    const caller = await callerOf('AlphaMSP');
    const installed = await queryInstalled(caller);

    const approved = await queryApproved(caller, { channel, name: 'later', sequence: 2 });

    const packageId = approved?.getSource()?.getLocalPackage()?.getPackageId() ?? '';
    expect(packageId).toMatch(/^later_2\.0:[0-9a-f]{64}$/);
    expect(installed.map(({ label }) => label).sort()).toEqual([
      'generic_1.0',
      'later_1.0',
      'later_2.0',
    ]);
    expect((await getInstalledPackage(caller, packageId)).length).toBeGreaterThan(0);
  });
});

describe('A definition', () => {
  test('without an installed package gives the error of real peers', async () => {
    const definition = { name: 'half', version: '1.0', endorsementPolicy: either };
    await running.deploy({ definition, mspIds: ['AlphaMSP'] });
    const creator = await clients.user('bo');
    const parts = { creator, channel, chaincode: 'half', args: ['get', 'k'] };

    const answer = await clients.propose('BetaMSP', newAssetProposal(parts).signed);

    expect(answer.getResponse()?.toObject()).toMatchObject({
      status: 500,
      message:
        'make sure the chaincode half has been successfully defined on channel minimal and try ' +
        "again: chaincode definition for 'half' exists, but chaincode is not installed",
    });
  });

  test('needs the consent of organizations, which is told before the commit', async () => {
    const definition = { name: 'wanted', version: '1.0', endorsementPolicy: either };

    const readiness = await checkCommitReadiness(await callerOf('AlphaMSP'), {
      channel,
      definition,
      sequence: 1,
    });

    expect(readiness).toEqual(
      new Map([
        ['AlphaMSP', false],
        ['BetaMSP', false],
      ]),
    );
  });
});

describe('Packages', () => {
  test('are installed once', async () => {
    const caller = await callerOf('AlphaMSP');
    const connection = { address: '127.0.0.1:1' };
    const { id, bytes } = await packageService({ label: 'once_1.0', connection });
    await installChaincode(caller, bytes);

    await expect(installChaincode(caller, bytes)).rejects.toMatchObject({
      status: 500,
      message: expect.stringContaining(
        "failed to invoke backing implementation of 'InstallChaincode': chaincode already " +
          `successfully installed (package ID '${id}')`,
      ),
    });
  });

  test('are installed by administrators of the own organization only', async () => {
    const connection = { address: '127.0.0.1:1' };
    const { bytes } = await packageService({ label: 'mine_1.0', connection });
    const ann = await callerOf('AlphaMSP', await clients.user('ann'));
    const other = await callerOf('AlphaMSP', clients.crypto.organization('BetaMSP').admin);
    const refused = 'Failed to authorize invocation due to failed ACL check';

    await expect(installChaincode(ann, bytes)).rejects.toThrow(refused);
    await expect(installChaincode(other, bytes)).rejects.toThrow(/BetaMSP|access denied/);
  });
});

describe('The process of a chaincode', () => {
  const events = { message: () => undefined, closed: () => undefined };

  async function dial(change: (tls: ChaincodeTls) => ChaincodeTls): Promise<ChaincodeStream> {
    const [generic] = running.network.topology.chaincodes;
    const services = await running.network.chaincodeServices(generic!);
    const { package: own } = services.find(({ mspId }) => mspId === 'AlphaMSP')!;
    const connection = await readServiceConnection(await readPackage(own.bytes));
    const endpoint = chaincodeEndpoint(own.id, connection);
    return ChaincodeStream.open({ ...endpoint, tls: change(endpoint.tls!) }, events, 3_000);
  }

  test('answers the peer of its organization', async () => {
    const stream = await dial((tls) => tls);

    stream.close();
  });

  test('refuses whoever shows no certificate', async () => {
    await expect(dial(({ rootCertificate }) => ({ rootCertificate }))).rejects.toThrow(
      'could not launch chaincode generic_1.0:',
    );
  });

  test('refuses a certificate of another organization', async () => {
    const { client: foreign } = await clients.crypto.chaincodeTls('BetaMSP', 'generic');
    const key = Buffer.from(foreign.privateKeyPem);
    const certificate = Buffer.from(foreign.certificatePem);

    await expect(
      dial(({ rootCertificate }) => ({ rootCertificate, client: { key, certificate } })),
    ).rejects.toThrow('could not launch chaincode generic_1.0:');
  });
});

describe('A restart', () => {
  test('leaves what was deployed while the network ran', async () => {
    await running.restart();

    await running.network.awaitChaincode('later');
    const { contract } = await client('later');
    expect(textOf(await contract.evaluateTransaction('get', 'k'))).toBe('v');
  });
});
