import { spawn } from 'node:child_process';
import type https from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServerConfig } from '../../apiserver/main.ts';
import { send } from './apiserver.ts';
import { eventually } from './processes.ts';
import { repositoryRoot } from './repositoryRoot.ts';

/** An API server in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  readonly ended: Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** Resolves once the server is ready. It ends with this process at the latest. `agent`: the administrator's. */
export async function startServerProcess(config: ApiServerConfig, agent: https.Agent): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-server-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, join(repositoryRoot, 'test/rig/runServer.ts'), file], { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
      child.once('exit', () => reject(new Error('the server ended before it served')));
    });
    await eventually('/readyz is ok', 90_000, async () => ((await send(agent, port, 'GET', '/readyz')).text === 'ok' ? true : undefined));
    return { port, ended, signal: (signal) => void child.kill(signal) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
