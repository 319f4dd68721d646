import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topology as minimal } from '../topologies/minimal';
import { freePort } from '../machine/free-port';
import { NetworkCommand } from './command.test-support';

let command: NetworkCommand;

beforeAll(async () => {
  command = await NetworkCommand.build();
});

afterAll(async () => {
  await command.close();
});

describe('npm run network', () => {
  test('starts the preset, tells its status, and ends at Ctrl-C', async () => {
    const network = command.run(['--base-port', '0']);
    await network.printed('Ctrl-C stops the network');
    expect(network.output).toMatch(/peer0\.org1\.example\.com +127\.0\.0\.1:\d+ +Org1MSP/);
    expect(network.output).toContain('npm run network -- deploy --name NAME --path');

    const status = command.run(['status']);
    expect(await status.ended).toBe(0);
    expect(status.output).toContain('Channel mychannel:');
    expect(status.output).toMatch(/peer0\.org2\.example\.com .* Org2MSP +1 block$/m);
    expect(status.output).toContain('No chaincode yet.');

    expect(await network.interrupt()).toBe(0);
    const later = command.run(['status']);
    expect(await later.ended).toBe(1);
    expect(later.output).toMatch(/^The network in .* does not answer\. Start it, and leave it run/);
  });

  test('starts a network of a topology file, and names what is wrong with one', async () => {
    const file = join(command.folder, 'topology.json');
    await writeFile(file, JSON.stringify({ ...minimal, chaincodes: [] }));
    const network = command.run(['--topology', file, '--batch-timeout-ms', '50'], 'other');
    await network.printed('The network runs, with the channel minimal');
    expect(await network.interrupt()).toBe(0);

    await writeFile(file, '{');
    const refused = command.run(['--topology', file], 'other');
    expect(await refused.ended).toBe(1);
    expect(refused.output).toMatch(/^the topology file .* cannot be read: /);
  });

  test('deploys a chaincode that runs elsewhere, and its next definition', async () => {
    const network = command.run(['--base-port', '0'], 'deploying');
    await network.printed('Ctrl-C stops the network');
    const address = `127.0.0.1:${String(await freePort())}`;
    const options = ['deploy', '--name', 'asset', '--address', address];

    const first = command.run(options, 'deploying');
    expect(await first.ended).toBe(0);
    expect(first.output).toContain('Chaincode asset 1.0 is on the channel mychannel (sequence 1).');
    const id = /CHAINCODE_ID=(asset_1\.0:[0-9a-f]{64}) npm run start:server-nontls/.exec(
      first.output,
    );
    expect(first.output).toContain(
      `--chaincode-address=${address} --chaincode-id=${id?.[1] ?? ''}`,
    );

    const again = command.run(options, 'deploying');
    expect(await again.ended).toBe(0);
    expect(again.output).toContain('had chaincode asset 1.0 already (sequence 1).');

    const policy = "OR('Org1MSP.peer','Org2MSP.peer')";
    const label = ['--policy', policy, '--label', 'another'];
    const next = command.run([...options, ...label], 'deploying');
    expect(await next.ended).toBe(0);
    expect(next.output).toContain('(sequence 2)');

    const status = command.run(['status'], 'deploying');
    expect(await status.ended).toBe(0);
    expect(status.output).toMatch(/Chaincode asset 1\.0 \(sequence 2\):\n\n +Org1MSP +another:/);
    expect(await network.interrupt()).toBe(0);
  });

  test('names what is wrong with a deployment, and what the chaincode printed', async () => {
    const network = command.run(['--base-port', '0'], 'refusing');
    await network.printed('Ctrl-C stops the network');
    const empty = join(command.folder, 'empty');
    await mkdir(empty);
    const refusals = [
      [['--path', empty], `The folder ${empty} has no package.json.`],
      [['--address', 'Org9MSP=localhost:1'], 'no organization Org9MSP with a peer, only Org1MSP'],
      [['--address', 'localhost:1', '--channel', 'x'], 'The network has no channel x, only mych'],
      [['--address', 'localhost:1', '--sequence', '7'], 'the next sequence is 1'],
    ] as const;
    for (const [options, reason] of refusals) {
      const run = command.run(['deploy', '--name', 'asset', ...options], 'refusing');
      expect(await run.ended).toBe(1);
      expect(run.output).toContain(reason);
    }

    await writeFile(join(empty, 'package.json'), '{"main":"index.js"}');
    await writeFile(join(empty, 'index.js'), 'throw new Error("not today");');
    const run = command.run(['deploy', '--name', 'asset', '--path', empty], 'refusing');
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(/The chaincode process of Org\dMSP ended with exit code 1:/);
    expect(run.output).toContain('not today');
    expect(await network.interrupt()).toBe(0);
  });

  test('says where to start a network that was never started', async () => {
    const run = command.run(['deploy', '--name', 'x', '--address', 'localhost:1'], 'nowhere');
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(/^No network was started in the folder .*nowhere\. Start it/);
  });

  test('shows how it is used after what it does not understand', async () => {
    const run = command.run(['dance']);
    expect(await run.ended).toBe(1);
    expect(run.output).toMatch(/^There is no command "dance"\.\n\nA Hyperledger Fabric network/);
  });
});
