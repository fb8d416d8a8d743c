import { respondText } from './handlers/respond.ts';
import { Metrics } from '../process/metrics.ts';
import type { ApiResponse, ConnectCall, PathHandler } from './types.ts';
import { NoSuchPathError } from '../api/apiError.ts';

/** One condition of health; `check` resolves to why it does not hold. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<string | undefined>;
}

/** What the checks have come to, as `/metrics/slis` shows it. */
export class HealthFigures {
  readonly metrics = new Metrics();
  readonly #last = this.metrics.gauge('kubernetes_healthcheck', '[STABLE] This metric records the result of a single healthcheck.', ['name', 'type']);
  readonly #all = this.metrics.counter('kubernetes_healthchecks_total', '[STABLE] This metric records the results of all healthcheck.', ['name', 'status', 'type']);

  observe(name: string, type: string, isFine: boolean): void {
    this.#last.set({ name, type }, isFine ? 1 : 0);
    this.#all.inc({ name, status: isFine ? 'success' : 'error', type });
  }
}

/** Serves one health endpoint: `/readyz`, its checks one by one below it, `?verbose` and `?exclude=`, in Kubernetes' text. */
export function healthHandlers(endpoint: 'healthz' | 'livez' | 'readyz', checks: readonly HealthCheck[], figures: HealthFigures): PathHandler[] {
  return [
    { path: `/${endpoint}`, handle: (call) => answerAll(endpoint, checks, figures, call) },
    {
      path: `/${endpoint}/`,
      handle: async ({ request }) => {
        const name = request.path.slice(endpoint.length + 2);
        const found = checks.find((each) => each.name === name);
        if (!found) throw new NoSuchPathError();
        const why = await found.check();
        return why === undefined ? { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from('ok') } : respondText(500, `internal server error: ${why}\n`);
      },
    },
  ];
}

async function answerAll(endpoint: string, checks: readonly HealthCheck[], figures: HealthFigures, { request }: ConnectCall): Promise<ApiResponse> {
  const excluded = new Set(request.query.getAll('exclude'));
  const results = await Promise.all(checks.map(async (each) => ({ name: each.name, why: excluded.has(each.name) ? undefined : await each.check() })));
  const lines = results.map(({ name, why }) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok\n`;
    figures.observe(name, endpoint, why === undefined);
    // The reason is in the log and below the endpoint; whoever may ask this may not be meant to know it.
    return why === undefined ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`;
  });
  const unknown = [...excluded].filter((name) => !checks.some((each) => each.name === name)).toSorted();
  if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}\n`);
  if (results.some(({ why }) => why !== undefined)) return respondText(500, `${lines.join('')}${endpoint} check failed\n`);
  return respondText(200, request.query.has('verbose') ? `${lines.join('')}${endpoint} check passed\n` : 'ok');
}
