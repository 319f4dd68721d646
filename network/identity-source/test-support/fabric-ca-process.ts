import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../machine/free-port';
import type { FabricCaOptions } from '../fabric-ca-source';

/** A Fabric CA server as a child process, in a temporary folder. */
export interface FabricCaProcess {
  readonly options: FabricCaOptions;
  /** Ends the process and removes the folder. */
  close(): Promise<void>;
}

/** Starts the Fabric CA server at `binary`, with TLS, on loopback. */
export async function startFabricCaProcess(binary: string): Promise<FabricCaProcess> {
  const home = await mkdtemp(join(tmpdir(), 'fabric-ca-'));
  const registrar = { name: 'registrar', secret: 'registrar-secret' };
  const port = String(await freePort());
  const login = `${registrar.name}:${registrar.secret}`;
  const child = spawn(
    binary,
    ['start', '-H', home, '-b', login, '--address', '127.0.0.1', '--port', port].concat([
      '--tls.enabled',
      '--csr.hosts',
      '127.0.0.1,localhost',
    ]),
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        FABRIC_CA_SERVER_CA_NAME: 'ca.alpha.example',
        FABRIC_CA_SERVER_OPERATIONS_LISTENADDRESS: '127.0.0.1:0',
      },
    },
  );
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(home, { recursive: true, force: true });
  };
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    if (!line.includes('] Listening on https://')) continue;
    child.stderr.resume();
    const tlsRootPem = await readFile(join(home, 'ca-cert.pem'), 'utf8');
    return { close, options: { url: `https://127.0.0.1:${port}`, tlsRootPem, registrar } };
  }
  await close();
  throw new Error(`the Fabric CA server did not start:\n${lines.join('\n')}`);
}
