import type { Answer } from '../../rig/apiserver.ts';
import { Differences } from '../oracle/comparison.ts';
import type { Pair, Side } from './referenceServer.ts';

/** One request, sent to both. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What each run has of its own: names of objects' lives, and times. */
const OWN: ReadonlySet<string> = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'time', 'lastTransitionTime', 'continue']);

/** Sends both the same, and collects where their answers differ: in the status, the content type, the warnings, or the body, but for what each run has of its own. */
export class Exchange {
  readonly #pair: Pair;
  readonly differences = new Differences();

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  async both(request: Request): Promise<{ readonly gantry: Answer; readonly kubernetes: Answer }> {
    const [gantry, kubernetes] = await Promise.all([send(this.#pair.gantry, request), send(this.#pair.kubernetes, request)]);
    this.differences.compare(request, describe(gantry), describe(kubernetes));
    return { gantry, kubernetes };
  }
}

export const send = (side: Side, { method, path, body, headers }: Request): Promise<Answer> => side.request(method, path, body, { ...headers });

/** An answer as it is compared. */
export function describe({ status, headers, text, json }: Answer): string {
  const body = json === undefined ? text : JSON.stringify(comparable(json));
  return JSON.stringify([status, headers['content-type'], headers['warning'] ?? '']) + body;
}

/** In the order of the names, with a mark in place of what each run has of its own: its kind, so that one that is missing is seen. */
export function comparable(value: unknown, name = ''): unknown {
  if (OWN.has(name) && typeof value === 'string') return value === '' ? '' : `<${name}>`;
  if (Array.isArray(value)) return value.map((each) => comparable(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, comparable(each, key)]));
}
