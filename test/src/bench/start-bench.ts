import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '@procurement/tools/start/project-root';
import { freePorts } from '@procurement/tools/start/ports';
import { report, say } from './report';

const firstCommitted = 'vendor-1: ';
const networkPorts = { first: 27_050 };

/** From the start command, already installed and built, to the first committed transaction. */
export async function benchStart(): Promise<void> {
  say('start.first_commit.s');
  const folder = await mkdtemp(join(tmpdir(), 'bench-start-'));
  const [httpPort] = await freePorts(1);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(projectRoot, 'tools', 'run.cjs'), 'start'], {
    cwd: projectRoot,
    env: {
      ...process.env,
      PROCUREMENT_DATA: join(folder, 'data'),
      PROCUREMENT_HTTP_PORT: String(httpPort),
      PROCUREMENT_NETWORK_PORT: String(networkPorts.first),
      PROCUREMENT_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  try {
    await new Promise<void>((resolve, reject) => {
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes(firstCommitted)) resolve();
      });
      child.once('exit', () => {
        reject(new Error(`npm start ended before its first transaction:\n${printed}`));
      });
    });
    report({
      name: 'start.first_commit.s',
      value: (performance.now() - startedAt) / 1000,
      unit: 's',
      conditions:
        'empty folder, installed and built, three organisations, to the first committed vendor',
    });
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
