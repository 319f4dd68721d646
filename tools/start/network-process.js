'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.startNetwork = startNetwork;
const promises_1 = require('node:fs/promises');
const node_path_1 = require('node:path');
const child_1 = require('./child');
const networkProgram = (0, node_path_1.join)(
  __dirname,
  ...['..', '..', '..', 'network', 'dist', 'embedded', 'src', 'main.js'],
);
/**
 * Starts an embedded network in a process of its own, from a topology.
 * @param folder of the whole system; the network keeps its data in `network` below it
 * @throws ChildFailed with one sentence where it cannot start
 */
async function startNetwork(folder, topology) {
  await (0, promises_1.mkdir)(folder, { recursive: true, mode: 0o700 });
  const topologyFile = (0, node_path_1.join)(folder, 'topology.json');
  await (0, promises_1.writeFile)(topologyFile, `${JSON.stringify(topology, undefined, 2)}\n`);
  return (0, child_1.startChild)({
    name: 'network',
    file: networkProgram,
    args: ['--topology', topologyFile, '--folder', (0, node_path_1.join)(folder, 'network')],
  });
}
//# sourceMappingURL=network-process.js.map
