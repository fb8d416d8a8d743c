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

  /** Sends each side what `make` makes of what `look` found there. */
  async eachWith(look: (side: Side) => Promise<Answer>, make: (found: Answer) => Request): Promise<void> {
    const [gantry, kubernetes] = [make(await look(this.#pair.gantry)), make(await look(this.#pair.kubernetes))];
    this.differences.compare(gantry, describe(await send(this.#pair.gantry, gantry)), describe(await send(this.#pair.kubernetes, kubernetes)));
  }
}

export const send = (side: Side, { method, path, body, headers }: Request): Promise<Answer> => side.request(method, path, body, { ...headers });

/** An answer as it is compared. */
export function describe({ status, headers, text, json }: Answer): string {
  const body = json === undefined ? text : JSON.stringify(inOrderOfCauses(comparable(json)));
  return JSON.stringify([status, headers['content-type'], String(headers['warning'] ?? '').split(/, (?=299 )/).sort()]) + body;
}

/** Go's maps have another order each time, and the faults of what they hold are told in it. */
function inOrderOfCauses(answer: unknown): unknown {
  const { kind, details } = (answer ?? {}) as { kind?: unknown; details?: { causes?: readonly unknown[] } };
  if (kind !== 'Status' || !details?.causes || details.causes.length < 2) return answer;
  const causes = details.causes.map((cause) => JSON.stringify(cause)).sort();
  return { ...(answer as object), details: { ...details, causes }, message: '' };
}

/** In the order of the names, with a mark in place of what each run has of its own: its kind, so that one that is missing is seen. */
export function comparable(value: unknown, name = ''): unknown {
  // Who writes the status of definitions is called after its program.
  if (name === 'manager' && value === 'apiextensions-apiserver') return 'kube-apiserver';
  if (OWN.has(name) && typeof value === 'string') return value === '' ? '' : `<${name}>`;
  // The name of a type that rules are told of is made up anew each time.
  if (typeof value === 'string') return value.replace(/selfType\d*/g, 'selfType');
  if (Array.isArray(value)) return value.map((each) => comparable(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, comparable(each, key)]));
}
