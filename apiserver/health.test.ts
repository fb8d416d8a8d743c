import { HealthFigures, healthHandlers } from './health.ts';
import type { HealthCheck } from './health.ts';
import type { ConnectCall } from './types.ts';

const ping: HealthCheck = { name: 'ping', check: async () => undefined };
const bad: HealthCheck = { name: 'bad', check: async () => 'this will fail' };

/** What is answered to a path below `/livez`, with its query. */
async function ask(target: string, checks: readonly HealthCheck[], figures = new HealthFigures()): Promise<readonly [number, string]> {
  const [path = '', query] = `/livez${target}`.split('?');
  const handler = healthHandlers('livez', checks, figures).find((each) => each.path === path || (each.path.endsWith('/') && path.startsWith(each.path)))!;
  const { status, body } = await handler.handle({ request: { path, query: new URLSearchParams(query) } } as ConnectCall);
  return [status, Buffer.isBuffer(body) ? body.toString() : ''];
}

// As upstream's own test has them.
test.each<[string, readonly HealthCheck[], number, string]>([
  ['?verbose', [ping], 200, '[+]ping ok\nlivez check passed\n'],
  ['?exclude=none', [ping], 200, 'ok'],
  ['?exclude=bad', [ping, bad], 200, 'ok'],
  ['?verbose=true&exclude=bad', [ping, bad], 200, '[+]ping ok\n[+]bad excluded: ok\nlivez check passed\n'],
  ['?verbose&exclude=b&exclude=a', [ping], 200, '[+]ping ok\nwarn: some health checks cannot be excluded: no matches for "a","b"\nlivez check passed\n'],
  ['', [ping], 200, 'ok'],
  ['', [ping, bad], 500, '[+]ping ok\n[-]bad failed: reason withheld\nlivez check failed\n'],
  ['/ping', [ping, bad], 200, 'ok'],
  ['/bad', [ping, bad], 500, 'internal server error: this will fail\n'],
])('/livez%s', async (target, checks, ...expected) => expect(await ask(target, checks)).toEqual(expected));

test('what the checks have come to is counted', async () => {
  const figures = new HealthFigures();
  await ask('', [ping, bad], figures);
  await ask('?exclude=bad', [ping, bad], figures);
  const text = await figures.metrics.text();
  expect(text).toContain('kubernetes_healthcheck{name="ping",type="livez"} 1\nkubernetes_healthcheck{name="bad",type="livez"} 0\n');
  expect(text).toContain('kubernetes_healthchecks_total{name="ping",status="success",type="livez"} 2\nkubernetes_healthchecks_total{name="bad",status="error",type="livez"} 1\n');
});
