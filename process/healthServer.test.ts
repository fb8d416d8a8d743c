import http from 'node:http';
import { startHealthServer, type HealthServer } from './healthServer.ts';
import { Metrics } from './metrics.ts';

let server: HealthServer;
let synced = false;
beforeAll(async () => {
  const metrics = new Metrics();
  metrics.counter('scheduler_schedule_attempts_total', 'Attempts', ['result']).inc({ result: 'scheduled' }, 3);
  server = await startHealthServer({
    port: 0,
    metrics,
    ready: {
      informers: () => {
        if (!synced) throw new Error('not synced');
      },
    },
  });
});
afterAll(() => server.close());

function get(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ port: server.port, host: '127.0.0.1', path }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(`${response.statusCode} ${text}`));
      })
      .on('error', reject);
  });
}

test('health follows its checks, in the words of Kubernetes', async () => {
  expect(await get('/livez')).toBe('200 ok');
  expect(await get('/healthz?verbose')).toBe('200 [+]ping ok\nhealthz check passed\n');
  expect(await get('/readyz')).toBe('500 [+]ping ok\n[-]informers failed: not synced\nreadyz check failed\n');
  expect(await get('/readyz?exclude=informers')).toBe('200 ok');
  expect(await get('/readyz/ping')).toBe('200 ok');
  expect(await get('/readyz/nothing')).toBe('404 404 page not found\n');
  synced = true;
  expect(await get('/readyz')).toBe('200 ok');
});

test('metrics are those of this component', async () => {
  expect(await get('/metrics')).toContain('scheduler_schedule_attempts_total{result="scheduled"} 3');
});
