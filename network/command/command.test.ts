import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topology as minimal } from '../topologies/minimal';
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
