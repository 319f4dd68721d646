import { connect } from 'node:net';
import { freePort, type Topology } from '@procurement/network';

const host = '127.0.0.1';
const askAgainMs = 100;

/** Ports that were free a moment ago, each another one. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

type Chaincode = Topology['chaincodes'][number];

/** A chaincode of a topology, each organisation's process of it on a free port. */
export async function onFreePorts(chaincode: Chaincode): Promise<Chaincode> {
  const mspIds = Object.keys(chaincode.addresses);
  const ports = await freePorts(mspIds.length);
  const addresses = mspIds.map((mspId, index) => [mspId, { port: ports[index] ?? 0 }] as const);
  return { ...chaincode, addresses: Object.fromEntries(addresses) };
}

/**
 * Waits until something accepts connections on a port of 127.0.0.1.
 * @param options.signal gives up
 * @returns whether it does
 */
export async function isServed(options: {
  readonly port: number;
  readonly signal: AbortSignal;
}): Promise<boolean> {
  while (!options.signal.aborted) {
    if (await accepts(options.port)) return true;
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
