'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.freePorts = freePorts;
const node_net_1 = require('node:net');
/** Ports that were free a moment ago; all are held until the last is known, so none comes twice. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = (0, node_net_1.createServer)();
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => {
          resolve(server);
        });
      });
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
//# sourceMappingURL=ports.js.map
