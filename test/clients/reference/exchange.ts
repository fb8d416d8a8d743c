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

/** What both answered. */
export interface Answers {
  readonly gantry: Answer;
  readonly kubernetes: Answer;
}

/** What each run has of its own: names of objects' lives, and times. */
const OWN: ReadonlySet<string> = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'time', 'lastTransitionTime', 'continue']);

/** Sends both the same, and collects where their answers differ: in the status, the content type, the warnings, or the body, but for what each run has of its own. */
export class Exchange {
  readonly #pair: Pair;
  readonly #describe: typeof describe;
  readonly differences = new Differences();

  constructor(pair: Pair, describeAs = describe) {
    this.#pair = pair;
    this.#describe = describeAs;
  }

  /** `<uid>` and `<resourceVersion>` in a body that is text stand for those of the object that each answered with `earlier`. */
  async both(request: Request, earlier?: Answers): Promise<Answers> {
    const [gantry, kubernetes] = await Promise.all([send(this.#pair.gantry, request, earlier?.gantry), send(this.#pair.kubernetes, request, earlier?.kubernetes)]);
    this.differences.compare(request, this.#describe(gantry, earlier?.gantry), this.#describe(kubernetes, earlier?.kubernetes));
    return { gantry, kubernetes };
  }

  /** Sends each side what `make` makes of what `look` found there. */
  async eachWith(look: (side: Side) => Promise<Answer>, make: (found: Answer) => Request): Promise<void> {
    const [gantry, kubernetes] = [make(await look(this.#pair.gantry)), make(await look(this.#pair.kubernetes))];
    this.differences.compare(gantry, describe(await send(this.#pair.gantry, gantry)), describe(await send(this.#pair.kubernetes, kubernetes)));
  }
}

export const send = (side: Side, { method, path, body, headers }: Request, earlier?: Answer): Promise<Answer> =>
  side.request(method, path, earlier && typeof body === 'string' ? filledIn(body, earlier) : body, { ...headers });

function filledIn(body: string, earlier: Answer): string {
  const { uid = '', resourceVersion = '' } = metadataOf(earlier);
  return body.replaceAll('<uid>', uid).replaceAll('<resourceVersion>', resourceVersion);
}

const metadataOf = (answer: Answer | undefined): { readonly uid?: string; readonly resourceVersion?: string } => (answer?.json as { metadata?: { uid?: string; resourceVersion?: string } } | undefined)?.metadata ?? {};

/** An answer as it is compared; the life of the object that was answered `earlier` is each side's own. */
export function describe({ status, headers, text, json }: Answer, earlier?: Answer, simplified: (value: unknown) => unknown = (value) => inOrderOfCauses(comparable(value))): string {
  const body = json === undefined ? text : JSON.stringify(simplified(JSON.parse(text, asWritten)));
  const { uid } = metadataOf(earlier);
  return JSON.stringify([status, headers['content-type'], String(headers['warning'] ?? '').split(/, (?=299 )/).sort()]) + (uid ? body.replaceAll(uid, '<uid>') : body);
}

/** Numbers are compared as they were written. */
const asWritten = (_name: string, value: unknown, context?: { readonly source?: string }): unknown => (typeof value === 'number' ? `number ${context?.source ?? value}` : value);

/** Go's maps have another order each time, and the faults of what they hold are told in it. */
function inOrderOfCauses(answer: unknown): unknown {
  const { kind, details } = (answer ?? {}) as { kind?: unknown; details?: { causes?: readonly unknown[] } };
  if (kind !== 'Status' || !details?.causes || details.causes.length < 2) return answer;
  const causes = details.causes.map((cause) => JSON.stringify(cause)).sort();
  return { ...(answer as object), details: { ...details, causes }, message: '' };
}

/** In the order of the names, with a mark in place of what each run has of its own: its kind, so that one that is missing is seen. */
export function comparable(value: unknown, name = ''): unknown {
  if (OWN.has(name) && typeof value === 'string') return value === '' ? '' : `<${name}>`;
  // The name of a type that rules are told of is made up anew each time.
  if (typeof value === 'string') return value.replace(/selfType\d*/g, 'selfType');
  if (Array.isArray(value)) return value.map((each) => comparable(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, comparable(each, key)]));
}
