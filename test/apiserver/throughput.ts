import { fork } from 'node:child_process';
import https from 'node:https';
import { startHandlers } from '../rig/apiserver.ts';

/** Prints requests per second of the handlers with 16 TLS connections; client, server and etcd are a process each. */
const CONNECTIONS = 16;
const path = '/api/v1/namespaces/default/configmaps';

interface Reachable {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

if (process.argv[2] === 'server') {
  const api = await startHandlers();
  const { ca, cert, key } = api.agent.options as Reachable;
  process.send?.({ port: api.serving.port, ca, cert, key } satisfies Reachable);
  process.on('message', (message) => {
    const { user, system } = process.cpuUsage();
    if (message === 'usage') process.send?.(user + system);
    else void api.close().then(() => process.disconnect?.());
  });
} else {
  await run();
}

async function run(): Promise<void> {
  const server = fork(process.argv[1]!, ['server']);
  const answerOf = <T>(): Promise<T> => new Promise((resolve) => server.once('message', (message) => resolve(message as T)));
  const { port, ca, cert, key } = await answerOf<Reachable>();
  const agent = new https.Agent({ ca, cert, key, keepAlive: true, maxSockets: CONNECTIONS });
  const usage = (): Promise<number> => {
    server.send('usage');
    return answerOf<number>();
  };
  function call(method: string, target: string, body?: string, type = 'application/json'): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
      const request = https.request({ agent, host: '127.0.0.1', port, method, path: target, headers }, (response) => {
        response.resume();
        response.on('end', () => (response.statusCode! < 300 ? resolve() : reject(new Error(`${method} ${target}: ${response.statusCode}`))));
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  async function measure(name: string, count: number, one: (index: number) => Promise<void>): Promise<void> {
    let next = 0;
    const began = performance.now();
    const before = await usage();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        for (let index = next++; index < count; index = next++) await one(index);
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    const used = (await usage()) - before;
    process.stdout.write(`${name}: ${Math.round(count / seconds)}/s, ${Math.round(used / count)} µs of the server's CPU each\n`);
  }

  const body = (index: number): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${index}` }, data: { a: 'x'.repeat(500) } });
  await measure('warm-up create', 1000, (index) => call('POST', path, body(100_000 + index)));
  await measure('create', 4000, (index) => call('POST', path, body(index)));
  await measure('get', 8000, (index) => call('GET', `${path}/c${index % 4000}`));
  await measure('merge patch', 4000, (index) => call('PATCH', `${path}/c${index}`, `{"data":{"b":"${index}"}}`, 'application/merge-patch+json'));
  await measure('list of 5000', 40, () => call('GET', path));
  await measure('delete', 4000, (index) => call('DELETE', `${path}/c${index}`));
  agent.destroy();
  server.send('stop');
}
