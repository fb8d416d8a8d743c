import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { ElectedConfig } from './runElected.ts';

/** A write as it arrived at the API server's door. */
export interface RecordedWrite {
  /** `performance.now()` of the test. */
  readonly at: number;
  readonly what: string;
}

/** A controller manager or scheduler in a process of its own; all that it asks of the API server passes through a recorder. */
export interface Elected {
  readonly writes: readonly RecordedWrite[];
  /** Resolves in the moment in which so many such writes have arrived, and before any other one is passed on. */
  hasWritten(count: number, what: RegExp): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Kills the process and closes the recorder. */
  close(): Promise<void>;
}

/** `upstream` says how the component is known to the API server where it has no token. */
export async function startElected(upstream: ClientConfig, config: Omit<ElectedConfig, 'server' | 'clusterCA'>): Promise<Elected> {
  const writes: RecordedWrite[] = [];
  const waiting = new Set<() => void>();
  const recorder = await startRecorder(upstream, (write) => {
    writes.push(write);
    for (const look of waiting) look();
  });
  const folder = mkdtempSync(join(tmpdir(), 'gantry-elected-'));
  const file = join(folder, 'config.json');
  const { port } = recorder.address() as AddressInfo;
  const whole: ElectedConfig = { ...config, server: `http://127.0.0.1:${port}`, clusterCA: upstream.ca ?? '' };
  writeFileSync(file, JSON.stringify(whole));
  const child = spawn(process.execPath, [join(repositoryRoot, 'test/controllers/runElected.ts'), file], { stdio: ['ignore', 'ignore', 'inherit'] });
  return {
    writes,
    hasWritten: (count, what) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (writes.filter((write) => what.test(write.what)).length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    signal: (signal) => void child.kill(signal),
    async close() {
      await ended(child);
      recorder.closeAllConnections();
      await new Promise((resolve) => recorder.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

async function startRecorder(upstream: ClientConfig, record: (write: RecordedWrite) => void): Promise<Server> {
  const { hostname, port } = new URL(upstream.servers[0]!);
  const identified = new https.Agent({ keepAlive: true, ca: upstream.ca, cert: upstream.certificate, key: upstream.key });
  const anonymous = new https.Agent({ keepAlive: true, ca: upstream.ca });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url = '/', headers } = request;
    if (method !== 'GET') record({ at: performance.now(), what: `${method} ${url}` });
    const forwarded = https.request({ hostname, port, method, path: url, headers, agent: headers.authorization === undefined ? identified : anonymous }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
